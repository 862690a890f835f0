"""Posts spans to the store of a collector: prepared batches of jaeger.thrift, over one keep-alive connection."""

import http.client
import struct
from dataclasses import dataclass
from typing import Callable

STOP = b"\0"


def _field(kind, number, value):
    return struct.pack(">bh", kind, number) + value


def _int64(number, value):
    return _field(10, number, struct.pack(">q", value))


def _text(number, value):
    return _field(11, number, struct.pack(">i", len(value)) + value)


def span(trace, number, name):
    """Returns a span of `trace` (an integer) with `name` (bytes), without parent, tags and logs."""
    return b"".join(
        [_int64(1, trace), _int64(2, 0), _int64(3, number), _int64(4, 0), _text(5, name),
         _field(8, 7, struct.pack(">i", 1)), _int64(8, 1_700_000_000_000_000 + trace), _int64(9, 1000), STOP])


def batch(spans):
    process = _text(1, b"benchmark") + STOP
    return b"".join(
        [_field(12, 1, process), _field(15, 2, struct.pack(">bi", 12, len(spans))), *spans, STOP])


@dataclass
class Row:
    """One kind of load: the contents of a POST, and the options of the collector."""

    title: str
    spans_in_post: int
    traces_in_post: int
    name: Callable[[int], bytes]
    options: tuple = ()
    fill_spans: int = 110_000

    def posts(self, first, count, spans_in_post=None):
        """Yields `count` bodies; the first one starts with the span of number `first`."""
        size = spans_in_post or self.spans_in_post
        # The spans of a trace: as in one POST of the row, regardless of the size of this POST.
        share = self.spans_in_post // self.traces_in_post
        for start in range(first, first + count * size, size):
            yield batch([span(1 + number // share, 1 + number, self.name(number)) for number in range(start, start + size)])


ROWS = {
    "name-per-user": Row("10 spans, 10 traces, a name per user", 10, 10, lambda number: b"GET /u/%d" % number),
    "one-operation": Row("1 span, 1 trace, one operation", 1, 1, lambda number: b"GET /"),
    "one-trace": Row("10 spans, 1 trace, 10 operations", 10, 1, lambda number: b"operation %d" % (number % 10)),
    "few-spans": Row(
        "1 span, a name of 20 bytes each, `--max-spans 30000`", 1, 1, lambda number: b"operation-%010d" % number,
        ("--max-spans", "30000"), 33_000),
    "long-names": Row(
        "1 span, a name of 4 KiB each, bound by memory", 1, 1, lambda number: b"%010d" % number + b"x" * 4086,
        (), 40_000),
}


class Poster:
    """One connection to the collector."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def post(self, body):
        self.connection.request("POST", "/api/traces", body, {"Content-Type": "application/x-thrift"})
        response = self.connection.getresponse()
        response.read()
        if response.status != 202:
            raise RuntimeError(f"the collector answered {response.status}")
