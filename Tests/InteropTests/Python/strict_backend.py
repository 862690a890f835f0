"""A test double of current Jaeger backends: as strict as they are, and it returns the received spans.

usage: strict_backend.py ANNOUNCE_TO

`POST /api/traces` responds as the Jaeger receiver of the OpenTelemetry Collector does: 400 for a wrong content type, an
unknown content coding (including `identity`), a body without its announced coding, and a body that is not a batch; 500
for a zero id, and for a body that is truncated or too large; 202 otherwise. `POST /v1/traces` accepts OTLP. Both are
decoded by independent libraries. `GET /received` returns what was accepted: `{"jaegerThrift": [batch, …],
"otlp": [batch, …]}`, with OTLP in the structure of jaeger.thrift: see `as_batch`.
"""

import asyncio
import gzip
import json
import pathlib
import sys
import zlib

import thriftpy2
from aiohttp import web
from thriftpy2.protocol.binary import TBinaryProtocol
from thriftpy2.thrift import TType

from announced import serve
from foreign_client import plain

BODY_BYTES_MAX = 20 << 20
THRIFT_TYPES = {"application/x-thrift", "application/vnd.apache.thrift.binary"}

jaeger = thriftpy2.load(str(pathlib.Path(__file__).with_name("jaeger.thrift")), module_name="jaeger_thrift")
received = {"jaegerThrift": [], "otlp": []}


class Rejection(Exception):
    def __init__(self, status, reason):
        self.status, self.reason = status, reason


class ExactBytes:
    """Reads a body to its exact end; the buffer of thriftpy2 returns zeros after it."""

    def __init__(self, body):
        self.body, self.offset = body, 0

    def read(self, count):
        if not 0 <= count <= len(self.body) - self.offset:
            raise EOFError(f"{count} bytes needed at {self.offset} of {len(self.body)}")
        self.offset += count
        return self.body[self.offset - count : self.offset]


async def body_of(request):
    """Returns the decoded body."""
    coding = request.headers.get("Content-Encoding", "")
    if coding not in ("", "gzip", "deflate", "zlib"):
        raise Rejection(400, f"unsupported Content-Encoding: {coding}")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Rejection(500, "Unable to process request body: http: request body too large")
    try:
        if coding == "gzip":
            body = gzip.decompress(body)
        elif coding:
            body = zlib.decompress(body)
    except gzip.BadGzipFile as error:
        raise Rejection(400, str(error))
    except (EOFError, zlib.error) as error:
        raise Rejection(500, f"Unable to process request body: {error}")
    if len(body) > BODY_BYTES_MAX:
        raise Rejection(500, "Unable to process request body: http: request body too large")
    return body


def expect_required(value):
    """Fails if a field that the IDL requires is absent, at any depth."""
    if isinstance(value, list):
        for element in value:
            expect_required(element)
    for _, specification in sorted(getattr(value, "thrift_spec", {}).items()):
        name, is_required = specification[1], specification[-1]
        field = getattr(value, name)
        if field is None and is_required:
            raise Rejection(400, f"Unable to process request body: Required field {name} is not set")
        expect_required(field)


async def take_thrift(request):
    if request.content_type not in THRIFT_TYPES or "Content-Type" not in request.headers:
        raise Rejection(400, f"Unsupported content type: {request.headers.get('Content-Type')}")
    body = await body_of(request)
    if not body or body[0] not in (TType.STRUCT, TType.LIST, TType.I64):
        raise Rejection(400, "Unable to process request body: no batch")
    batch = jaeger.Batch()
    try:
        batch.read(TBinaryProtocol(ExactBytes(body)))
    except Exception as error:
        raise Rejection(400, f"Unable to process request body: {error!r}")
    expect_required(batch)
    for span in batch.spans:
        if span.traceIdLow == 0 == span.traceIdHigh or span.spanId == 0:
            raise Rejection(500, "Cannot submit Jaeger batch: invalid id")
    received["jaegerThrift"].append(plain(batch))
    return web.Response(status=202)


def signed(id):
    return int.from_bytes(id, "big", signed=True)


def as_tag(attribute):
    kind = attribute.value.WhichOneof("value")
    value = getattr(attribute.value, kind)
    if kind == "bytes_value":
        return {"key": attribute.key, "vType": 4, "vBinary": value.hex()}
    if kind == "array_value":
        elements = [getattr(element, element.WhichOneof("value")) for element in value.values]
        value = json.dumps(elements, ensure_ascii=False, separators=(",", ":"))
    types = {"double_value": (1, "vDouble"), "bool_value": (2, "vBool"), "int_value": (3, "vLong")}
    number, name = types.get(kind, (0, "vStr"))
    return {"key": attribute.key, "vType": number, name: value}


def as_span(span):
    tags = [as_tag(attribute) for attribute in span.attributes]
    kind = ["", "internal", "server", "client", "producer", "consumer"][span.kind]
    if kind:
        tags.append({"key": "span.kind", "vType": 0, "vStr": kind})
    if span.status.code:
        tags.append({"key": "otel.status_code", "vType": 0, "vStr": ["", "OK", "ERROR"][span.status.code]})
    if span.status.code == 2:
        tags.append({"key": "error", "vType": 2, "vBool": True})
    if span.status.message:
        tags.append({"key": "otel.status_description", "vType": 0, "vStr": span.status.message})
    references = []
    for link in span.links:
        words = {attribute.key: attribute.value.string_value for attribute in link.attributes}
        references.append({
            "refType": 0 if words.get("opentracing.ref_type") == "child_of" else 1,
            "traceIdHigh": signed(link.trace_id[:8]), "traceIdLow": signed(link.trace_id[8:]),
            "spanId": signed(link.span_id),
        })
    logs = []
    for event in span.events:
        name = {"key": "event", "vType": 0, "vStr": event.name}
        fields = [name] + [as_tag(attribute) for attribute in event.attributes]
        logs.append({"timestamp": event.time_unix_nano // 1000, "fields": fields})
    return {
        "traceIdHigh": signed(span.trace_id[:8]), "traceIdLow": signed(span.trace_id[8:]),
        "spanId": signed(span.span_id), "parentSpanId": signed(span.parent_span_id), "operationName": span.name,
        "references": references, "flags": span.flags & 0xFF, "startTime": span.start_time_unix_nano // 1000,
        "duration": (span.end_time_unix_nano - span.start_time_unix_nano) // 1000, "tags": tags, "logs": logs,
    }


def as_batch(resource_spans):
    tags = [as_tag(attribute) for attribute in resource_spans.resource.attributes]
    name = next(tag["vStr"] for tag in tags if tag["key"] == "service.name")
    spans = [as_span(span) for scope in resource_spans.scope_spans for span in scope.spans]
    return {"process": {"serviceName": name, "tags": tags}, "spans": spans}


def expect_valid(id, length):
    if len(id) != length or not any(id):
        raise Rejection(400, f"invalid id: {id.hex()}")


async def take_otlp(request):
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    if request.content_type != "application/x-protobuf":
        raise Rejection(415, f"unsupported content type: {request.headers.get('Content-Type')}")
    try:
        export = ExportTraceServiceRequest.FromString(await body_of(request))
    except DecodeError as error:
        raise Rejection(400, str(error))
    for span in (span for resource in export.resource_spans for scope in resource.scope_spans for span in scope.spans):
        for owner in (span, *span.links):
            expect_valid(owner.trace_id, 16)
            expect_valid(owner.span_id, 8)
        if span.parent_span_id:
            expect_valid(span.parent_span_id, 8)
    received["otlp"] += map(as_batch, export.resource_spans)
    return web.Response(status=200, content_type="application/x-protobuf")


@web.middleware
async def refuse(request, handler):
    try:
        return await handler(request)
    except Rejection as refusal:
        return web.Response(status=refusal.status, text=refusal.reason + "\n")


async def main():
    async def answer_received(request):
        return web.json_response(received)

    async def close():
        pass

    app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[refuse])
    app.router.add_post("/api/traces", take_thrift)
    app.router.add_post("/v1/traces", take_otlp)
    app.router.add_get("/received", answer_received)
    await serve(app, sys.argv[1], close)


asyncio.run(main())
