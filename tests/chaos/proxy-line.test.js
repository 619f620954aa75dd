// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { behindProxy, bytes, sha256 } from "../support/behind-proxy.js";
import { MIB } from "../support/bytes.js";
import { until } from "../support/until.js";

/** Timers end a little early. */
const EARLY_MS = 10;

/** @param {() => Promise<unknown>} work */
async function secondsOf(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

test("a latency for each direction", async (t) => {
  const { proxy, upstream, status } = await behindProxy(t);
  proxy.up.latencyMs = 200;
  proxy.down.latencyMs = 100;
  const start = performance.now();
  await status();
  const [cameAt] = upstream.cameAt;
  assert.ok(cameAt - start >= 200 - EARLY_MS, `there after ${cameAt - start} ms`);
  assert.ok(performance.now() - cameAt >= 100 - EARLY_MS, `back after ${performance.now() - cameAt} ms`);
});

test("what is on its way keeps its order when the latency falls", async (t) => {
  const { proxy, upstream, openPut } = await behindProxy(t);
  const connection = await openPut();
  for (let at = 0; at < bytes.length; at += bytes.length / 16) {
    proxy.up.latencyMs = 40 - (40 * at) / bytes.length;
    await connection.send(bytes.subarray(at, at + bytes.length / 16));
  }
  await until("the chunk", () => upstream.digests.length === 1);
  assert.deepEqual(upstream.digests, [sha256]);
});

test("a pace for all bodies together", async (t) => {
  const { proxy, put } = await behindProxy(t);
  proxy.up.bytesPerSecond = 8 * MIB;
  const seconds = await secondsOf(() => Promise.all([put(0), put(MIB), put(2 * MIB)]));
  assert.ok(seconds >= 0.36, `${seconds} s`);
});

test("a pace for each body: two take as long as one", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.up.bytesPerSecondEach = 2 * MIB;
  const one = await secondsOf(() => put(0));
  const two = await secondsOf(() => Promise.all([put(MIB), put(2 * MIB)]));
  assert.ok(one >= 0.49 && two >= 0.49 && two < 1.7 * one, `${one} s and ${two} s`);
  assert.deepEqual(upstream.digests, [sha256, sha256, sha256]);
});

test("a window for each body: it moves at window / round trip, two as fast as one", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  Object.assign(proxy.up, { windowBytes: MIB / 8, latencyMs: 40 });
  proxy.down.latencyMs = 40;
  const one = await secondsOf(() => put(0));
  const two = await secondsOf(() => Promise.all([put(MIB), put(2 * MIB)]));
  assert.ok(one >= 0.55 && two >= 0.55 && two < 1.7 * one, `${one} s and ${two} s`);
  assert.deepEqual(upstream.digests, [sha256, sha256, sha256]);
});

test("a line that is reset delays nothing", async (t) => {
  const { proxy, put } = await behindProxy(t);
  Object.assign(proxy.up, { latencyMs: 60_000, windowBytes: 1, bytesPerSecond: 1, bytesPerSecondEach: 1 });
  proxy.up.reset();
  assert.equal((await put(0)).status, 204);
});
