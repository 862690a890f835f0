"""What an idle keep-alive connection costs in the server's memory."""

import select
import socket
import time

from . import machine

_BATCH = 200  # connections opened at once: well below any server's backlog


def compare(stable, rows, options):
    """One server after another: resident memory before and after the connections, by their number."""
    machine.allow_descriptors(options.idle_connections + 1000)
    figures = {}
    for row in rows:
        machine.say(f"idle: {row}, {options.idle_connections} connections")
        server = stable.start(row)
        try:
            figures[row] = _measure(server, options)
        finally:
            server.stop()
    return figures


def _measure(server, options):
    request = f"GET {options.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    for connection in _open(server, 1, request):
        connection.close()
    time.sleep(0.5)
    before = server.resident_bytes()
    connections = []
    try:
        while len(connections) < options.idle_connections:
            ahead = min(_BATCH, options.idle_connections - len(connections))
            connections += _open(server, ahead, request)
        time.sleep(1)  # let it put away what it holds only for a moment
        after = server.resident_bytes()
        if gone := _closed(connections):
            machine.fail(f"{server.name} closed {gone} of {len(connections)} idle connections, no figures")
    finally:
        for connection in connections:
            connection.close()
    per_connection = (after - before) / len(connections)
    return {
        "bytes_per_connection": round(per_connection),
        "resident_mib": round(after / 2**20, 1),
        "connections": len(connections),
    }


def _open(server, count, request):
    """Opens connections that have each had one request answered whole."""
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        connection.sendall(request)
        connections.append(connection)
    for connection in connections:
        received = b""
        while b"Hello, " not in received:
            piece = connection.recv(4096)
            received += piece
            if not piece or not received.startswith(b"HTTP/1.1 200"[: len(received)]):
                machine.fail(f"{server.name} answered {received[:80]!r}, no figures")
    return connections


def _closed(connections):
    """How many the server has ended: those that are readable, for nothing is owed on any of them."""
    poller = select.poll()
    for connection in connections:
        poller.register(connection, select.POLLIN | select.POLLRDHUP)
    return len(poller.poll(0))
