"""Measures the CPU time of requests: wrk runs on one core, and the CPU time of the server is read before and after."""

import os
import re
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass

from . import machine

_PIPELINING = """\
local batch
function init(arguments)
    batch = string.rep(wrk.format(), tonumber(arguments[1]))
end
function request()
    return batch
end
"""

# Requests for the routes of SpoorRoutes, each in turn: every resource, in each of its forms for GET.
_ROUTES = """\
local requests = {}
local position = 0
function init(arguments)
    for number = 0, 99 do
        for _, path in ipairs({"", "/search", "/7", "/7/history", "/7/items", "/7/items/8"}) do
            table.insert(requests, wrk.format(nil, "/api/resource" .. number .. path))
        end
    end
end
function request()
    position = position % #requests + 1
    return requests[position]
end
"""

# A list of orders with at least the given number of bytes, which is sent back.
_ORDERS = """\
function init(arguments)
    local orders, bytes = {}, 2
    while bytes < tonumber(arguments[1]) do
        local order = string.format(
            '{"id":%d,"customer":"Customer %d","price":%d.5,"isPaid":true,"tags":["new","é"],"note":null}',
            #orders, #orders, #orders)
        table.insert(orders, order)
        bytes = bytes + #order + 1
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = "[" .. table.concat(orders, ",") .. "]"
end
"""

JSON_BYTES = {"json-1k": 1 << 10, "json-100k": 100 << 10}


@dataclass
class Figure:
    cpu_us: float
    per_second: float


def _wrk(server, variant, depth, options):
    command = ["wrk", "--threads", "1", "--connections", str(options.connections)]
    command += ["--duration", f"{options.seconds}s", "--timeout", "10s"]
    script = os.path.join(machine.WORK, f"{variant}.lua")
    if text := {"pipelined": _PIPELINING, "routes": _ROUTES}.get(variant, _ORDERS if variant in JSON_BYTES else None):
        with open(script, "w") as file:
            file.write(text)
        command += ["--script", script]
    path = "/echo" if variant in JSON_BYTES else options.path
    command.append(f"{server.scheme}://127.0.0.1:{server.port}{path}")
    if depth > 1:
        command += ["--", str(depth)]
    if variant in JSON_BYTES:
        command += ["--", str(JSON_BYTES[variant])]
    result = subprocess.run(
        command, capture_output=True, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {machine.LOAD_CORE}))
    if result.returncode:
        machine.fail(f"wrk: {result.stderr or result.stdout}")
    return result.stdout


def measure(server, variant, depth, options):
    """Measures one server once; fails if any request failed."""
    before = server.cpu_seconds()
    output = _wrk(server, variant, depth, options)
    spent = server.cpu_seconds() - before
    if wrong := re.findall(r"(?:Non-2xx or 3xx responses|Socket errors): .*", output):
        machine.fail(f"{server.name} failed requests, no figures: {'; '.join(wrong)}")
    if server.process.poll() is not None:
        machine.fail(f"{server.name} ended: {server.last_log_lines()}")
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    if not requests:
        machine.fail(f"{server.name} answered no request, no figures")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    return Figure(spent * 1e6 / requests, rate)


def compare(server_set, rows, variant, depth, options):
    """Measures all rows in interleaved rounds, so that changes of the machine's speed affect all rows."""
    servers, rounds = [], {row: [] for row in rows}
    try:
        for row in rows:
            servers.append(server_set.start(row))
        began, foreign = time.monotonic(), _foreign_seconds(servers)
        for number in range(options.rounds + 1):
            machine.say(f"{variant}: " + (f"round {number} of {options.rounds}" if number else "warming up"))
            for server in servers:
                figure = measure(server, variant, depth, options)
                if number:
                    rounds[server.name].append(figure)
        share = (_foreign_seconds(servers) - foreign) / (time.monotonic() - began) / 2
    finally:
        for server in reversed(servers):
            server.stop()
            if server.companions:
                for line in server.last_log_lines():
                    machine.say(f"log of {server.name}: {line}")
    figures = {row: _summary(figures, rounds[rows[0]]) for row, figures in rounds.items()}
    return figures, round(max(0, share), 3)


def _foreign_seconds(servers):
    """Returns the time that other processes have used on the two cores."""
    load = resource.getrusage(resource.RUSAGE_CHILDREN)  # of wrk, the only child that has ended since
    shares_core = machine.collector_core() == machine.LOAD_CORE
    own = sum(server.cpu_seconds(with_companions=shares_core) for server in servers)
    return machine.busy_seconds() - own - load.ru_utime - load.ru_stime


def _summary(figures, reference):
    ratios = [figure.cpu_us / floor.cpu_us for figure, floor in zip(figures, reference)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratio_low": round(min(ratios), 3),
        "ratio_high": round(max(ratios), 3),
        "cpu_us": round(statistics.median(figure.cpu_us for figure in figures), 3),
        "requests_per_second": round(statistics.median(figure.per_second for figure in figures)),
    }
