"""Tests a running server that echoes messages with websockets.

usage: websockets_client.py BASE_URL [UNIX_SOCKET]
"""

import asyncio
import os
import sys

import websockets


def expect(what, received, expected):
    if received != expected:
        sys.exit(f"websockets: {what}: {str(received)[:80]!r} instead of {str(expected)[:80]!r}")


async def roundTrip(connection):
    for message in ("", "é😀", "x" * 125, "x" * 126, "x" * 65_536, b"", os.urandom(200_000)):
        await connection.send(message)
        expect("echo", await connection.recv(), message)
    await (await connection.ping())
    for number in range(200):
        await connection.send(str(number))
    for number in range(200):
        expect("one of many", await connection.recv(), str(number))


async def main(base, socket=None):
    url = base.replace("http", "ws", 1) + "/websocket"
    # A whole connection of each side, with the closing handshake.
    async with websockets.connect(url) as connection:
        await roundTrip(connection)
    expect("code of the close", connection.close_code, 1000)

    async def one():
        async with websockets.connect(url) as connection:
            await roundTrip(connection)

    await asyncio.gather(*(one() for _ in range(20)))
    if socket:
        async with websockets.unix_connect(socket, "ws://localhost/websocket") as connection:
            await roundTrip(connection)


asyncio.run(main(*sys.argv[1:3]))
