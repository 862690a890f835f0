"""Serves an aiohttp application at a free port of 127.0.0.1 and posts its URL to the process that started it.

`POST /close` stops it, after the result of `close` has been awaited.
"""

import asyncio

import aiohttp
from aiohttp import web


async def serve(app, announce_to, close):
    closing = asyncio.Event()

    async def end(request):
        await close()
        closing.set()
        return web.Response(status=204)

    app.router.add_post("/close", end)
    # Bodies are not decoded: the application handles their content coding.
    runner = web.AppRunner(app, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as session:
        async with session.post(announce_to, data=f"http://127.0.0.1:{port}".encode()) as response:
            response.raise_for_status()
    await closing.wait()
    await runner.cleanup()
