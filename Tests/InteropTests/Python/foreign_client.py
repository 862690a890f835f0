"""Plays the other side of the interop tests: a command and a job in, an outcome out.

usage: foreign_client.py {inject|extract|decode} JOB      (JOB: JSON, as hexadecimal digits)

The outcome is one line of JSON on standard output. Ids are hexadecimal digits, as texts.
"""

import asyncio
import json
import pathlib
import sys


def make_tracer(client, is_128bit):
    if client == "async-jaeger":
        from async_jaeger import ConstSampler, Tracer
        from async_jaeger.reporter import InMemoryReporter
    else:
        from jaeger_client import ConstSampler, Tracer
        from jaeger_client.reporter import InMemoryReporter
    return Tracer(
        service_name="foreign",
        reporter=InMemoryReporter(),
        sampler=ConstSampler(True),
        generate_128bit_trace_id=is_128bit,
    )


def identity(span):
    context = span.context
    return {
        "traceID": "%x" % context.trace_id,
        "spanID": "%x" % context.span_id,
        "parentID": "%x" % (context.parent_id or 0),
        "flags": context.flags,
        "baggage": dict(context.baggage),
    }


def inject(job):
    from opentracing import Format

    tracer = make_tracer(job["client"], job["is128Bit"])
    received = tracer.extract(Format.HTTP_HEADERS, job["fields"])
    root = tracer.start_span("root", child_of=received)
    span = tracer.start_span("op", child_of=root)
    if not job["isSampled"]:
        span.set_tag("sampling.priority", 0)
    for key, value in job["baggage"].items():
        span.set_baggage_item(key, value)
    fields = {}
    tracer.inject(span.context, Format.HTTP_HEADERS, fields)
    return {"fields": fields, **identity(span)}


def extract(job):
    from opentracing import Format

    tracer = make_tracer(job["client"], job["is128Bit"])
    context = tracer.extract(Format.HTTP_HEADERS, job["fields"])
    span = tracer.start_span("op", child_of=context)
    tags = {}
    for tag in span.tags:
        tags[tag.key] = tag.vStr
    return {"fields": {}, "debugTag": tags.get("jaeger-debug-id"), **identity(span)}


def plain(value):
    """What thriftpy2 decoded, as JSON knows it; absent fields are left out."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(element) for element in value]
    if hasattr(value, "thrift_spec"):
        names = [specification[1] for specification in value.thrift_spec.values()]
        fields = {name: getattr(value, name) for name in names}
        return {name: plain(field) for name, field in fields.items() if field is not None}
    return value


def decode(job):
    import thriftpy2
    from thriftpy2.protocol import TBinaryProtocolFactory
    from thriftpy2.utils import deserialize, serialize

    idl = pathlib.Path(__file__).with_name("jaeger.thrift")
    jaeger = thriftpy2.load(str(idl), module_name="jaeger_thrift")
    body = bytes.fromhex(job["body"])
    batch = deserialize(jaeger.Batch(), body, TBinaryProtocolFactory())
    again = serialize(batch, TBinaryProtocolFactory())
    return {"batch": plain(batch), "isSameWhenEncoded": again == body}


async def main():
    command, job = sys.argv[1], json.loads(bytes.fromhex(sys.argv[2]))
    outcome = {"inject": inject, "extract": extract, "decode": decode}[command](job)
    print(json.dumps(outcome))


if __name__ == "__main__":
    asyncio.run(main())
