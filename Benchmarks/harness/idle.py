"""Measures the memory of an idle keep-alive connection in the server."""

import select
import socket
import time

from . import machine

_BATCH = 200  # connections opened at the same time: well below any server's backlog


def compare(server_set, rows, options):
    """Measures one server after another: the difference of resident memory, divided by the number of connections."""
    machine.allow_descriptors(options.idle_connections + 1000)
    figures = {}
    for row in rows:
        machine.say(f"idle: {row}, {options.idle_connections} connections")
        server = server_set.start(row)
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
            count = min(_BATCH, options.idle_connections - len(connections))
            connections += _open(server, count, request)
        time.sleep(1)  # until the server has released temporary memory
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
    """Returns new connections, each of which has had one complete response."""
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
    """Returns the number of closed connections: those that are readable, because no response is pending."""
    poller = select.poll()
    for connection in connections:
        poller.register(connection, select.POLLIN | select.POLLRDHUP)
    return len(poller.poll(0))
