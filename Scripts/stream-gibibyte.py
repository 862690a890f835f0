"""The client of Scripts/stream-gibibyte: plain sockets, and the memory of ConformanceServer from /proc."""

import os
import select
import socket
import subprocess
import sys
import time

BINARY, MEBIBYTES = sys.argv[1], int(sys.argv[2])
PIECE = b"x" * (1 << 16)
MAX_GROWTH_KIB = 16 << 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_kib(pid, name):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))


def connected(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)


def answer(peer):
    text = b""
    while True:
        more = peer.recv(1 << 16)
        if not more:
            return text
        text += more


def bytes_until_blocked(step):
    """Calls step until it has transferred nothing for a second; returns the number of bytes transferred."""
    moved, last = 0, time.monotonic()
    while time.monotonic() - last < 1:
        count = step()
        if count:
            moved, last = moved + count, time.monotonic()
    return moved


def upload(port, count):
    head = f"POST /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {count * len(PIECE)}\r\n\r\n"
    with connected(port) as peer:
        peer.sendall(head.encode())
        for _ in range(count):
            peer.sendall(PIECE)
        assert answer(peer).endswith(f"{count * len(PIECE)}\n".encode()), "the server returned a wrong count"


def download(port, count):
    with connected(port) as peer:
        request = f"GET /stream?chunks={count}&size={len(PIECE)} HTTP/1.0\r\n\r\n"
        peer.sendall(request.encode())
        buffer, received = bytearray(1 << 18), 0
        while more := peer.recv_into(buffer):
            received += more
        assert received > count * len(PIECE), "the response is too short"


def stalled_download(port, pid):
    """A client that does not read: the server stops sending, and its memory does not grow."""
    with connected(port) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        peer.sendall(f"GET /stream?chunks=100000&size={len(PIECE)} HTTP/1.0\r\n\r\n".encode())
        return bytes_until_blocked(lambda: time.sleep(0.1))


def stalled_upload(port):
    """A handler that does not read: the client can no longer send."""
    with connected(port) as peer:
        peer.sendall(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000000\r\n\r\n")
        peer.setblocking(False)

        def step():
            _, writable, _ = select.select([], [peer], [], 0.1)
            try:
                return peer.send(PIECE) if writable else 0
            except BlockingIOError:
                return 0

        return bytes_until_blocked(step)


def main():
    port = free_port()
    server = subprocess.Popen(
        [BINARY, "--port", str(port)], env=os.environ | {"LOG_LEVEL": "error"}, stderr=subprocess.DEVNULL)
    try:
        for warm_up in (upload, download):
            warm_up(port, 64)
        before = memory_kib(server.pid, "VmHWM")
        pieces = MEBIBYTES << 4
        for name, transfer in (("request body", upload), ("response body", download)):
            start = time.monotonic()
            transfer(port, pieces)
            after = memory_kib(server.pid, "VmHWM")
            print(f"{name}: {MEBIBYTES} MiB in {time.monotonic() - start:.1f} s, "
                  f"peak memory {before} -> {after} KiB")
            assert after - before < MAX_GROWTH_KIB, "the server's memory has grown with the body"
        stalled_download(port, server.pid)
        after = memory_kib(server.pid, "VmHWM")
        print(f"a client that does not read: peak memory {before} -> {after} KiB")
        assert after - before < MAX_GROWTH_KIB, "the server has buffered a response that the client does not read"
        taken = stalled_upload(port)
        print(f"a handler that does not read: the client could send {taken >> 10} KiB")
        assert taken < 64 << 20, "the server has read a body that the handler does not read"
    finally:
        server.kill()
        server.wait()


main()
