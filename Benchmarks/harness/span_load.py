"""Does the same as Sources/SpanLoad with async-jaeger: the same spans with six tags and a log, reported to a collector.

usage: span_load.py ENDPOINT SPANS BATCH      (BATCH: spans per POST; 10 is async-jaeger's default)
"""

import asyncio
import json
import resource
import sys
import time

from async_jaeger import ConstSampler, Tracer
from async_jaeger.reporter import HttpReporter


def make_span(tracer, name, parent):
    span = tracer.start_span(name, child_of=parent)
    span.set_tag("component", "benchmark")
    span.set_tag("http.method", "GET")
    span.set_tag("http.url", "http://127.0.0.1:8080/parts/7")
    span.set_tag("http.status_code", 200)
    span.set_tag("part.weight", 1.5)
    span.set_tag("cached", False)
    span.log_kv({"event": "counted", "count": 7})
    span.finish()
    return span


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def report(count, tracer, reporter, capacity):
    for _ in range(0, count, capacity):
        for _ in range(0, capacity, 10):
            parent = make_span(tracer, "GET /parts/{id}", None)
            for _ in range(9):
                make_span(tracer, "count", parent)
        await reporter.queue.join()


class Faults:
    """Counts the failures that async-jaeger reports; by default it ignores them."""

    count = 0

    def error(self, *words):
        self.count += 1


async def main():
    endpoint, spans, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    faults, capacity = Faults(), 10 * batch
    reporter = HttpReporter(url=endpoint, queue_capacity=capacity, batch_size=batch, error_reporter=faults)
    tracer = Tracer(service_name="benchmark", reporter=reporter, sampler=ConstSampler(True))
    await report(spans // 10, tracer, reporter, capacity)
    before, start = cpu_seconds(), time.monotonic()
    await report(spans, tracer, reporter, capacity)
    seconds, cpu = time.monotonic() - start, cpu_seconds() - before
    lost = faults.count * batch
    print(json.dumps({"spans": spans, "lost": lost, "cpu_seconds": cpu, "seconds": seconds}))
    await tracer.close()


asyncio.run(main())
