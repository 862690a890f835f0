"""Runs one command of the interop tests with clients in Python, and prints its result.

usage: foreign_client.py {inject|extract|decode|decode-otlp|export-otlp} JOB      (JOB: JSON, as hexadecimal digits)

The result is one line of JSON on standard output. Ids are strings of hexadecimal digits.
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
    """Returns what thriftpy2 has decoded as values of JSON, without absent fields."""
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


def plain_value(value):
    """Returns type and value of an AnyValue of OTLP."""
    kind = value.WhichOneof("value")
    field = getattr(value, kind)
    if kind == "array_value":
        return {"type": kind, "elements": [plain_value(element) for element in field.values]}
    return {"type": kind, "text": field.hex() if isinstance(field, bytes) else str(field)}


def plain_message(message):
    """Returns a message of OTLP as values of JSON, without absent fields."""
    if message.DESCRIPTOR.name == "KeyValue":
        return {"key": message.key, "value": plain_value(message.value)}
    fields = {}
    for descriptor, field in message.ListFields():
        if descriptor.type == descriptor.TYPE_MESSAGE:
            is_one = hasattr(field, "DESCRIPTOR")
            fields[descriptor.camelcase_name] = plain_message(field) if is_one else [plain_message(one) for one in field]
        else:
            fields[descriptor.camelcase_name] = field.hex() if isinstance(field, bytes) else field
    return fields


def decode_otlp(job):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    body = bytes.fromhex(job["body"])
    request = ExportTraceServiceRequest.FromString(body)
    return {"request": plain_message(request), "isSameWhenEncoded": request.SerializeToString() == body}


def export_otlp(job):
    """Sends two spans that contain every kind of data, with the SDK of OpenTelemetry."""
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode, set_span_in_context

    outcomes = []

    class Exporter(OTLPSpanExporter):
        def export(self, spans):
            outcome = super().export(spans)
            outcomes.append(outcome.name)
            return outcome

    exporter = Exporter(endpoint=job["endpoint"], compression=Compression(job["compression"]))
    provider = TracerProvider(resource=Resource({"service.name": "naïve", "zone": "é1"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("lib", "1.2")
    tags = {"s": "é", "i": -2, "d": 1.5, "b": True, "l": ["p", "q"], "y": b"\x00\xff"}
    root = tracer.start_span("root", kind=SpanKind.SERVER, attributes=tags)
    links = [Link(root.get_span_context(), {"why": "because"})]
    child = tracer.start_span("child", set_span_in_context(root), SpanKind.CLIENT, links=links)
    child.add_event("happened", {"k": "v"})
    child.set_status(Status(StatusCode.ERROR, "boom"))
    child.end()
    root.end()
    provider.shutdown()
    return {
        "outcomes": outcomes,
        "traceID": "%032x" % root.get_span_context().trace_id,
        "rootID": "%016x" % root.get_span_context().span_id,
    }


async def main():
    command, job = sys.argv[1], json.loads(bytes.fromhex(sys.argv[2]))
    commands = {
        "inject": inject,
        "extract": extract,
        "decode": decode,
        "decode-otlp": decode_otlp,
        "export-otlp": export_otlp,
    }
    print(json.dumps(commands[command](job)))


if __name__ == "__main__":
    asyncio.run(main())
