"""Formats the figures as Markdown; prints them, writes them next to their JSON, and into README.md on request."""

import datetime
import json
import os

from . import machine
from .servers import ROWS

_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_TOLERATED_SHARE = 0.05  # of the two cores, used by processes other than server and load
_README = os.path.join(machine.BENCHMARKS, "README.md")


def _lines(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def _load_rows(figures, reference):
    for row, figure in figures.items():
        spread = f"{figure['ratio_low']:.2f}–{figure['ratio_high']:.2f}" if row != reference else ""
        yield [ROWS[row], f"{figure['ratio']:.2f}", spread, f"{figure['cpu_us']:.2f}",
               f"{figure['requests_per_second']:,}".replace(",", " ")]


_KINDS = {"keep-alive": "keep-alive", "json-1k": "JSON of 1 KiB, decoded and encoded", "json-100k": "JSON of 100 KiB, decoded and encoded",
          "routes": "one of 1 000 routes, keep-alive", "pipelined": "pipelined by {depth}", "tls": "keep-alive over TLS 1.3, ECDSA P-256"}


def markdown(results, foreign, options):
    text = [f"{datetime.date.today()}, {machine.commit()}; {machine.description()}.", ""]
    for variant, figures in results.items():
        if variant == "idle":
            count = next(iter(figures.values()))["connections"]
            text += [f"**Memory of an idle keep-alive connection**, {count} connections, each after one request:", ""]
            text += _lines(
                ["server", "bytes per connection", "resident in total, MiB"],
                [[ROWS[row], figure["bytes_per_connection"], figure["resident_mib"]] for row, figure in figures.items()])
            continue
        kind, reference = _KINDS[variant].format(depth=options.depth), next(iter(figures))
        target = {"routes": "600 paths in turn", "json-1k": "`POST /echo`", "json-100k": "`POST /echo`"}.get(variant, f"`GET {options.path}`")
        text += [f"**{kind[0].upper()}{kind[1:]}**, {target}, {options.connections} connections, "
                 f"{options.rounds} rounds of {options.seconds} s:", ""]
        text += _lines(
            ["server", f"CPU per request ÷ {reference.removesuffix('-tls')}", "lowest–highest", "CPU µs", "requests/s"],
            _load_rows(figures, reference))
        if foreign[variant] > _TOLERATED_SHARE:
            text += [f"**Not reliable**: other processes used {foreign[variant]:.0%} of the two cores.", ""]
    if "spoor-traced" in options.rows:
        where = "a separate core" if machine.collector_core() != machine.LOAD_CORE else "the core of the load"
        text += [f"Traced: includes the CPU of the reporter, but not of the collector, a separate process on {where}.", ""]
    return "\n".join(text)


def write(results, foreign, options):
    text = markdown(results, foreign, options)
    for name, content in [("figures.md", text), ("figures.json", json.dumps(results | {"foreign_share": foreign}, indent=2) + "\n")]:
        with open(os.path.join(machine.WORK, name), "w") as file:
            file.write(content)
    if options.record:
        with open(_README) as file:
            before, _, rest = file.read().partition(_BEGIN)
        after = rest.partition(_END)[2]
        with open(_README, "w") as file:
            file.write(f"{before}{_BEGIN}\n{text}{_END}{after}")
    print(text)
    machine.say(f"Written to {os.path.relpath(machine.WORK)}/figures.md and figures.json"
                + (" and into Benchmarks/README.md." if options.record else "."))
