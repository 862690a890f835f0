"""Tests a running server, or a proxy in front of it, with requests.

usage: requests_client.py BASE_URL [--through-proxy]
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

MIB = 1 << 20
PIECE = os.urandom(64 << 10)


def pieces(count):
    for _ in range(count):
        yield PIECE


def expect(what, received, expected):
    if received != expected:
        sys.exit(f"requests: {what}: {received!r} instead of {expected!r}")


def plain(session, base):
    for _ in range(20):
        response = session.get(base + "/")
        expect("GET", (response.status_code, response.text), (200, "Hello, world!\n"))
    response = session.head(base + "/")
    expect("HEAD", (response.status_code, response.headers["Content-Length"], response.content), (200, "14", b""))
    for code in (204, 304):
        response = session.get(f"{base}/status/{code}")
        expect(f"GET {code}", (response.status_code, response.content), (code, b""))
    expect("missing", session.get(base + "/missing").status_code, 404)
    expect("fault", session.get(base + "/fault").status_code, 500)
    expect("wrong method", session.delete(base + "/").status_code, 405)
    expect("many headers", session.get(base + "/", headers={f"X-{i}": "v" * 40 for i in range(60)}).status_code, 200)


def bodies(session, base):
    for size in (0, 1, 1000, 16 << 10, MIB, 20 * MIB):
        body = os.urandom(size)
        response = session.post(base + "/echo", data=body)
        expect(f"echo of {size}", (response.status_code, response.content == body), (200, True))
    response = session.post(base + "/echo", data=pieces(100))
    expect("chunked echo", (response.status_code, response.content == PIECE * 100), (200, True))
    for what, body in ("bytes", PIECE), ("pieces", pieces(3)):
        # On a separate connection, because nginx closes one whose response arrives before it has sent the whole request.
        expect(f"{what} that the handler does not read", requests.post(base + "/unread", data=body).status_code, 202)

    response = session.get(base + "/stream?chunks=1000&size=1000", stream=True)
    expect("stream", sum(map(len, response.iter_content(777))), 1_000_000)
    response = session.get(f"{base}/bytes/{40 * MIB}", stream=True)
    expect("large", hashlib.sha1(b"".join(response.iter_content(MIB))).digest(), hashlib.sha1(b"x" * 40 * MIB).digest())
    with session.get(f"{base}/bytes/{40 * MIB}", stream=True) as response:
        next(response.iter_content(1000))  # the rest is not read
    expect("after an aborted response", session.get(base + "/").status_code, 200)


def is_kept(session, base, through_proxy):
    """The connections of the client, or of a proxy, to the server are reused: the server sees the same peer again."""
    peers = {session.get(base + "/peer").text for _ in range(10)}
    if through_proxy:
        expect("connections reused by the proxy", len(peers) <= 2, True)
    else:
        expect("connections of ten requests", len(peers), 1)


def crowd(base):
    def one(number):
        with requests.Session() as session:
            for _ in range(20):
                body = PIECE[: number * 500]
                response = session.post(base + "/echo", data=body if number % 2 else iter([body, b"!"]))
                expect("concurrent echo", response.content, body if number % 2 else body + b"!")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(16)))


def main(base, through_proxy):
    with requests.Session() as session:
        plain(session, base)
        is_kept(session, base, through_proxy)
        bodies(session, base)
    crowd(base)


main(sys.argv[1], "--through-proxy" in sys.argv[2:])
