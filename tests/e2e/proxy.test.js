// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, beforeEach, test } from "node:test";
import { MIB, UNIT, randomBytes } from "../support/bytes.js";
import { answerLost, answers, byteFlipped, cutAfter, delayed, putFaults } from "../support/faults.js";
import { request } from "../support/protocol.js";
import { Proxy } from "../support/proxy.js";

/**
 * A server that takes every chunk and says what the test wants it to have received.
 * @type {{digests: string[], received: number[][]}}
 */
const upstream = { digests: [], received: [] };
const server = createServer((incoming, outgoing) => {
  if (incoming.method !== "PUT") {
    outgoing.writeHead(200, { "content-type": "application/json" });
    return outgoing.end(JSON.stringify({ id: "u", received: upstream.received }));
  }
  const hash = createHash("sha256");
  incoming.on("data", (part) => hash.update(part));
  incoming.on("end", () => {
    upstream.digests.push(hash.digest("hex"));
    outgoing.writeHead(204).end();
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

/** @type {Proxy} */
let proxy;
beforeEach(async () => {
  upstream.digests = [];
  upstream.received = [];
  await proxy?.close();
  proxy = await Proxy.start();
  proxy.target = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
});
after(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

const bytes = randomBytes(MIB);
const sha256 = createHash("sha256").update(bytes).digest("hex");

/** @param {number} start */
function put(start, { id = "u", body = bytes } = {}) {
  const headers = { "content-range": `bytes ${start}-${start + body.length - 1}/${100 * MIB}` };
  return request(`${proxy.url}/uploads/${id}/data`, { method: "PUT", headers, body });
}
const status = () => request(`${proxy.url}/uploads/u`);

test("a chunk passes unchanged and is counted", async () => {
  assert.equal((await put(MIB)).status, 204);
  assert.deepEqual(upstream.digests, [sha256]);
  const [{ id, range, bodyBytes, status, beganAt, deliveredAt }] = proxy.wire.puts;
  assert.deepEqual({ id, range, bodyBytes, status }, { id: "u", range: [MIB, 2 * MIB], bodyBytes: MIB, status: 204 });
  assert.ok(deliveredAt && deliveredAt >= beganAt);
  assert.equal(proxy.wire.confirmedBytes(), MIB);
  assert.deepEqual(proxy.violations(), []);
});

test("a range that was answered with 204 and comes again is a violation, with what of it was confirmed", async () => {
  await put(0);
  await put(MIB / 2);
  assert.deepEqual(proxy.violations(), [
    { kind: "sent again", id: "u", ranges: [[MIB / 2, MIB]], request: "PUT /uploads/u/data" },
  ]);
});

test("a range that a status showed and that is sent is a violation", async () => {
  upstream.received = [[0, UNIT]];
  await status();
  await put(0);
  assert.deepEqual(proxy.violations().map(({ ranges }) => ranges), [[[0, UNIT]]]);
});

test("a range that a creation answered as known and that is sent is a violation", async () => {
  upstream.received = [[0, UNIT]];
  await request(`${proxy.url}/uploads`, { method: "POST", body: "{}" });
  await put(0);
  assert.equal(proxy.violations().length, 1);
});

test("a confirmed range that is missing in a later status is a violation", async () => {
  await put(0);
  upstream.received = [[UNIT, MIB]];
  await status();
  assert.deepEqual(proxy.violations(), [{ kind: "lost", id: "u", ranges: [[0, UNIT]], request: "GET /uploads/u" }]);
});

test("the same range of another upload is none", async () => {
  await put(0);
  await put(0, { id: "v" });
  assert.deepEqual(proxy.violations(), []);
});

test("an answer that was lost confirms nothing, though the server has the chunk", async () => {
  proxy.rule = putFaults({ 1: answerLost });
  await assert.rejects(put(0));
  assert.deepEqual(upstream.digests, [sha256]);
  const [{ status, deliveredAt }] = proxy.wire.puts;
  assert.deepEqual({ status, deliveredAt }, { status: 204, deliveredAt: null });
  assert.equal((await put(0)).status, 204);
  assert.deepEqual(proxy.violations(), []);
});

test("a connection is cut in the middle of the body", async () => {
  proxy.rule = putFaults({ 2: cutAfter(MIB / 2) });
  await put(0);
  await assert.rejects(put(MIB));
  assert.deepEqual(upstream.digests, [sha256]);
  assert.ok(proxy.wire.puts[1].bodyBytes >= MIB / 2);
  assert.equal(proxy.wire.confirmedBytes(), MIB);
});

test("a PUT is answered with 503 and Retry-After after its body was read, and does not reach the server", async () => {
  proxy.rule = putFaults({ 1: answers(503, { retryAfter: 2 }) });
  const { status, headers } = await put(0);
  assert.deepEqual([status, headers["retry-after"]], [503, "2"]);
  assert.deepEqual(upstream.digests, []);
  assert.equal(proxy.wire.puts[0].bodyBytes, MIB);
  assert.equal(proxy.wire.confirmedBytes(), 0);
});

test("an answer is delayed", async () => {
  proxy.rule = putFaults({ 1: delayed(200) });
  const start = performance.now();
  await put(0);
  assert.ok(performance.now() - start >= 200);
});

test("a byte of the body is changed", async () => {
  proxy.rule = putFaults({ 1: byteFlipped });
  await put(0, { body: Buffer.from(bytes) });
  assert.notEqual(upstream.digests[0], sha256);
});

test("bodies keep to the pace", async () => {
  proxy.bytesPerSecond = 8 * MIB;
  const start = performance.now();
  await Promise.all([put(0), put(MIB)]);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds > 0.2 && seconds < 1, `${seconds} s`);
  assert.deepEqual(upstream.digests, [sha256, sha256]);
});

test("without keep-alive each answer ends its connection", async () => {
  proxy.keepAlive = false;
  assert.equal((await status()).headers.connection, "close");
});

test("a server that is away cuts the browser's connection", async () => {
  proxy.target = 1;
  await assert.rejects(put(0));
  assert.equal(proxy.wire.puts[0].status, null);
});
