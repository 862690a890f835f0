"""A traced service in the middle of a chain: continues a trace, adds baggage, and calls the next service.

usage: foreign_service.py ANNOUNCE_TO {async-jaeger|jaeger-client} COLLECTOR

`GET /hop?next=URL` answers with JSON: the trace as this service received it, and under `next` the response of the next service.
"""

import asyncio
import sys

import aiohttp
from aiohttp import web
from opentracing import Format

from announced import serve
from foreign_client import identity


def async_jaeger_tracer(collector):
    from async_jaeger import ConstSampler, Tracer
    from async_jaeger.reporter import HttpReporter

    tracer = Tracer(service_name="foreign", reporter=HttpReporter(url=collector), sampler=ConstSampler(True))
    return tracer, tracer.close


def jaeger_client_tracer(collector):
    """jaeger-client only sends to agents: this sender posts the spans to the collector when it closes."""
    from jaeger_client import ConstSampler, Tracer
    from jaeger_client.reporter import InMemoryReporter
    from jaeger_client.thrift import make_jaeger_batch, make_process
    from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
    from thrift.TSerialization import serialize

    reporter = InMemoryReporter()
    tracer = Tracer(service_name="foreign", reporter=reporter, sampler=ConstSampler(True))

    async def close():
        spans = reporter.get_spans()
        if not spans:
            return
        process = make_process(tracer.service_name, tracer.tags, tracer.max_tag_value_length)
        body = serialize(make_jaeger_batch(spans, process), TBinaryProtocolFactory())
        async with aiohttp.ClientSession() as session:
            headers = {"Content-Type": "application/vnd.apache.thrift.binary"}
            async with session.post(collector, data=body, headers=headers) as response:
                assert response.status == 202, f"{response.status} {await response.text()}"

    return tracer, close


async def main():
    announce_to, client, collector = sys.argv[1:]
    make = {"async-jaeger": async_jaeger_tracer, "jaeger-client": jaeger_client_tracer}[client]
    tracer, close = make(collector)

    async def hop(request):
        received = tracer.extract(Format.HTTP_HEADERS, dict(request.headers))
        span = tracer.start_span("hop", child_of=received, tags={"span.kind": "server"})
        seen = identity(span)
        span.set_baggage_item("of-python", "50% é+ö & so on")
        call = tracer.start_span("call", child_of=span, tags={"span.kind": "client"})
        fields = {}
        tracer.inject(call.context, Format.HTTP_HEADERS, fields)
        async with aiohttp.ClientSession() as session:
            async with session.get(request.query["next"], headers=fields) as response:
                response.raise_for_status()
                following = await response.json(content_type=None)
        call.finish()
        span.finish()
        return web.json_response({**seen, "next": following})

    app = web.Application()
    app.router.add_get("/hop", hop)
    await serve(app, announce_to, close)


asyncio.run(main())
