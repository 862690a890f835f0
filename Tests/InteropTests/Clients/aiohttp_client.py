"""Tests a running server with aiohttp: keep-alive and concurrent connections, full duplex, Expect, Unix sockets.

usage: aiohttp_client.py BASE_URL UNIX_SOCKET
"""

import asyncio
import hashlib
import os
import sys

import aiohttp

PIECE = os.urandom(64 << 10)


def expect(what, received, expected):
    if received != expected:
        sys.exit(f"aiohttp: {what}: {received!r} instead of {expected!r}")


async def pieces(count):
    for _ in range(count):
        yield PIECE


async def plain(session, base):
    for _ in range(20):
        async with session.get(base + "/") as response:
            expect("GET", (response.status, await response.text()), (200, "Hello, world!\n"))
    async with session.head(base + "/") as response:
        expect("HEAD", (response.status, response.headers["Content-Length"]), (200, "14"))
    for code in (204, 304):
        async with session.get(f"{base}/status/{code}") as response:
            expect(f"GET {code}", (response.status, await response.read()), (code, b""))
    async with session.get(base + "/missing") as response:
        expect("missing", response.status, 404)
    async with session.get(base + "/fault") as response:
        expect("fault", response.status, 500)


async def bodies(session, base):
    async with session.post(base + "/echo", data=PIECE) as response:
        expect("echo", await response.read() == PIECE, True)
    async with session.post(base + "/echo", data=pieces(100)) as response:
        expect("chunked echo", await response.read() == PIECE * 100, True)
    async with session.post(base + "/echo", data=pieces(3), expect100=True) as response:
        expect("echo after 100", await response.read() == PIECE * 3, True)
    async with session.post(base + "/missing", data=PIECE, expect100=True) as response:
        expect("rejected before 100", response.status, 404)
    async with session.post(base + "/unread", data=pieces(3)) as response:
        expect("unread body", response.status, 202)
    async with session.post(base + "/trailers", data=pieces(3)) as response:
        expect("with trailers", (response.status, len(await response.read())), (200, 3 * len(PIECE)))


async def duplex(session, base):
    """64 MiB in both directions: too much to be buffered, so the response arrives while the request is sent."""
    digest, count = hashlib.sha1(), 0
    async with session.post(base + "/pipe", data=pieces(1024)) as response:
        async for piece in response.content.iter_any():
            digest.update(piece)
            count += len(piece)
    expect("piped bytes", count, 1024 * len(PIECE))
    expect("piped", digest.digest(), hashlib.sha1(PIECE * 1024).digest())


async def crowd(session, base):
    async def one(number):
        for _ in range(5):
            body = PIECE[: number * 100]
            async with session.post(base + "/echo", data=body) as response:
                expect("concurrent echo", await response.read() == body, True)

    await asyncio.gather(*(one(number) for number in range(200)))


async def peers(session, base):
    seen = set()
    for _ in range(10):
        async with session.get(base + "/peer") as response:
            seen.add(await response.text())
    expect("connections of ten requests", len(seen), 1)


async def main(base, socket):
    async with aiohttp.ClientSession() as session:
        await plain(session, base)
        await peers(session, base)
        await bodies(session, base)
        await duplex(session, base)
        await crowd(session, base)
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path=socket)) as session:
        await plain(session, "http://localhost")
        await bodies(session, "http://localhost")
        await crowd(session, "http://localhost")


asyncio.run(main(*sys.argv[1:3]))
