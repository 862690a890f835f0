"""Figures as Markdown: printed, kept beside their JSON, and put into README.md when asked."""

import datetime
import json
import os

from . import machine
from .servers import ROWS

_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_TOLERATED_SHARE = 0.05  # of the two cores, for whatever is neither server nor load
_README = os.path.join(machine.BENCHMARKS, "README.md")


def _lines(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def _load_rows(figures, yardstick):
    for row, figure in figures.items():
        spread = f"{figure['ratio_low']:.2f}–{figure['ratio_high']:.2f}" if row != yardstick else ""
        yield [ROWS[row], f"{figure['ratio']:.2f}", spread, f"{figure['cpu_us']:.2f}",
               f"{figure['requests_per_second']:,}".replace(",", " ")]


_KINDS = {"keep-alive": "keep-alive", "pipelined": "pipelined by {depth}", "tls": "keep-alive over TLS 1.3, ECDSA P-256"}


def markdown(results, foreign, options):
    text = [f"{datetime.date.today()}, {machine.commit()}; {machine.description()}.", ""]
    for variant, figures in results.items():
        if variant == "idle":
            count = next(iter(figures.values()))["connections"]
            text += [f"**Memory of an idle keep-alive connection**, {count} connections, each after one request:", ""]
            text += _lines(
                ["server", "bytes a connection", "resident in all, MiB"],
                [[ROWS[row], figure["bytes_per_connection"], figure["resident_mib"]] for row, figure in figures.items()])
            continue
        kind, yardstick = _KINDS[variant].format(depth=options.depth), next(iter(figures))
        text += [f"**{kind[0].upper()}{kind[1:]}**, `GET {options.path}`, {options.connections} connections, "
                 f"{options.rounds} rounds of {options.seconds} s:", ""]
        text += _lines(
            ["server", f"CPU a request ÷ {yardstick.removesuffix('-tls')}", "lowest–highest", "CPU µs", "requests/s"],
            _load_rows(figures, yardstick))
        if foreign[variant] > _TOLERATED_SHARE:
            text += [f"**Not to be trusted**: other processes took {foreign[variant]:.0%} of the two cores meanwhile.", ""]
    if "spoor-traced" in options.rows:
        where = "a core of its own" if machine.collector_core() != machine.LOAD_CORE else "the load's core"
        text += [f"Traced: the reporter's CPU is counted, the collector's (a process of its own, on {where}) is not.", ""]
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
