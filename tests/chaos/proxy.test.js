// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { behindProxy, bytes, sha256 } from "../support/behind-proxy.js";
import { MIB } from "../support/bytes.js";
import { answerLost, answers, byteFlipped, cutAfter, delayed, putFaults } from "../support/faults.js";

test("a chunk passes unchanged and is counted", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  assert.equal((await put(MIB)).status, 204);
  assert.deepEqual(upstream.digests, [sha256]);
  const [{ id, range, bodyBytes, status, beganAt, deliveredAt }] = proxy.wire.puts;
  assert.deepEqual({ id, range, bodyBytes, status }, { id: "u", range: [MIB, 2 * MIB], bodyBytes: MIB, status: 204 });
  assert.ok(deliveredAt && deliveredAt >= beganAt);
  assert.equal(proxy.wire.confirmedBytes(), MIB);
  assert.deepEqual(proxy.violations(), []);
});

test("an answer that was lost confirms nothing, though the server has the chunk", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = putFaults({ 1: answerLost });
  await assert.rejects(put(0));
  assert.deepEqual(upstream.digests, [sha256]);
  const [{ status, deliveredAt }] = proxy.wire.puts;
  assert.deepEqual({ status, deliveredAt }, { status: 204, deliveredAt: null });
  assert.equal((await put(0)).status, 204);
  assert.deepEqual(proxy.violations(), []);
});

test("a connection is cut in the middle of the body", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = putFaults({ 2: cutAfter(MIB / 2) });
  await put(0);
  await assert.rejects(put(MIB));
  assert.deepEqual(upstream.digests, [sha256]);
  assert.ok(proxy.wire.puts[1].bodyBytes >= MIB / 2);
  assert.equal(proxy.wire.confirmedBytes(), MIB);
});

test("a PUT is answered with 503 and Retry-After after its body was read, and does not reach the server", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = putFaults({ 1: answers(503, { retryAfter: 2 }) });
  const { status, headers } = await put(0);
  assert.deepEqual([status, headers["retry-after"]], [503, "2"]);
  assert.deepEqual(upstream.digests, []);
  assert.equal(proxy.wire.puts[0].bodyBytes, MIB);
  assert.equal(proxy.wire.confirmedBytes(), 0);
});

test("an answer is delayed", async (t) => {
  const { proxy, put } = await behindProxy(t);
  proxy.rule = putFaults({ 1: delayed(200) });
  const start = performance.now();
  await put(0);
  assert.ok(performance.now() - start >= 200);
});

test("a byte of the body is changed", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = putFaults({ 1: byteFlipped });
  await put(0, { body: Buffer.from(bytes) });
  assert.notEqual(upstream.digests[0], sha256);
});

test("bodies keep to the pace", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.bytesPerSecond = 8 * MIB;
  const start = performance.now();
  await Promise.all([put(0), put(MIB)]);
  const seconds = (performance.now() - start) / 1000;
  assert.ok(seconds > 0.2 && seconds < 1, `${seconds} s`);
  assert.deepEqual(upstream.digests, [sha256, sha256]);
});

test("without keep-alive each answer ends its connection", async (t) => {
  const { proxy, status } = await behindProxy(t);
  proxy.keepAlive = false;
  assert.equal((await status()).headers.connection, "close");
});

test("a server that is away cuts the browser's connection", async (t) => {
  const { proxy, put } = await behindProxy(t);
  proxy.target = 1;
  await assert.rejects(put(0));
  assert.equal(proxy.wire.puts[0].status, null);
});
