// Tests a running server with http or https of Node: keep-alive connections of its agent, streamed bodies, trailers, Expect,
// full duplex, clients that disconnect, Unix sockets.
//
// usage: node node_client.mjs BASE_URL UNIX_SOCKET
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [base, socketPath] = process.argv.slice(2);
const web = base.startsWith("https:") ? https : http;
const piece = randomBytes(64 << 10);

async function answerOf(request) {
    const [response] = await once(request, "response");
    const pieces = [];
    for await (const part of response) pieces.push(part);
    return { status: response.statusCode, body: Buffer.concat(pieces), response, request };
}

function ask(path, options = {}, body = undefined) {
    const request = web.request(base + path, options);
    const answer = answerOf(request);
    request.end(body);
    return answer;
}

async function keptConnections() {
    const agent = new web.Agent({ keepAlive: true, maxSockets: 1 });
    const reused = [];
    for (let turn = 0; turn < 20; turn++) {
        const { status, body, request } = await ask("/", { agent });
        assert.equal(status, 200);
        assert.equal(body.toString(), "Hello, world!\n");
        reused.push(request.reusedSocket);
    }
    assert.deepEqual(reused, [false, ...Array(19).fill(true)]);
    const head = await ask("/", { agent, method: "HEAD" });
    assert.equal(head.response.headers["content-length"], "14");
    assert.equal((await ask("/status/204", { agent })).status, 204);
    assert.equal((await ask("/missing", { agent })).status, 404);
    assert.equal((await ask("/fault", { agent })).status, 500);
    assert.equal((await ask("/unread", { agent, method: "POST" }, piece)).status, 202);
    assert.equal((await ask("/", { agent })).request.reusedSocket, true);
    agent.destroy();
}

async function crowd(options) {
    const agent = new web.Agent({ keepAlive: true, maxSockets: 25 });
    await Promise.all(Array.from({ length: 1000 }, async (_, number) => {
        const body = piece.subarray(0, number * 10);
        const answer = await ask("/echo", { ...options, agent, method: "POST" }, body);
        assert.equal(answer.status, 200);
        assert.ok(answer.body.equals(body));
    }));
    agent.destroy();
}

async function streamedWithTrailers() {
    const request = web.request(base + "/trailers", { method: "POST", headers: { Trailer: "X-Seen" } });
    const answer = answerOf(request);
    for (let turn = 0; turn < 10; turn++) {
        request.write(piece);
        await new Promise(setImmediate);
    }
    request.addTrailers({ "X-Seen": "yes" });
    request.end();
    const { body, response } = await answer;
    assert.equal(body.length, 10 * piece.length);
    assert.equal(response.trailers["x-seen"], "yes");
    assert.equal(response.trailers["x-count"], String(10 * piece.length));
}

async function expectation() {
    const request = web.request(base + "/echo", {
        method: "POST", headers: { Expect: "100-continue", "Content-Length": piece.length },
    });
    const answer = answerOf(request);
    request.flushHeaders();
    await once(request, "continue");
    request.end(piece);
    assert.ok((await answer).body.equals(piece));
}

async function bothDirectionsAtOnce() {
    const sent = createHash("sha1"), received = createHash("sha1");
    const request = web.request(base + "/pipe", { method: "POST" });
    const answered = once(request, "response");
    function* pieces() {
        for (let turn = 0; turn < 1024; turn++) {
            sent.update(piece);
            yield piece;
        }
    }
    const sending = pipeline(Readable.from(pieces(), { objectMode: false }), request);
    const [response] = await answered;
    for await (const part of response) received.update(part);
    await sending;
    assert.equal(received.digest("hex"), sent.digest("hex"));
}

async function goingAway() {
    for (let turn = 0; turn < 20; turn++) {
        const request = web.request(base + "/stream?chunks=1000&size=10000").on("error", () => {});
        request.end();
        const [response] = await once(request, "response");
        response.on("error", () => {});
        await once(response, "readable");
        request.destroy();
    }
    assert.equal((await ask("/")).status, 200);
}

async function brokenOff() {
    await assert.rejects(ask("/broken"), { code: "ECONNRESET" });
    assert.equal((await ask("/")).status, 200);
}

await keptConnections();
await crowd({});
// The Unix socket has no TLS.
if (web === http) await crowd({ socketPath });
await streamedWithTrailers();
await expectation();
await bothDirectionsAtOnce();
await goingAway();
await brokenOff();
