// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { behindProxy } from "../support/behind-proxy.js";
import { MIB, UNIT } from "../support/bytes.js";
import { answerCut, answerLost, answersHtml, delayed, putFaults } from "../support/faults.js";
import { contentHeaders, request } from "../support/protocol.js";
import { until } from "../support/until.js";

test("a range that was answered with 204 and comes again is a violation, with what of it was confirmed", async (t) => {
  const { proxy, put } = await behindProxy(t);
  await put(0);
  await put(MIB / 2);
  assert.deepEqual(proxy.violations(), [
    { kind: "sent again", id: "u", ranges: [[MIB / 2, MIB]], request: "PUT /uploads/u/data" },
  ]);
});

test("a range that a status showed and that is sent is a violation", async (t) => {
  const { proxy, upstream, put, status } = await behindProxy(t);
  upstream.received = [[0, UNIT]];
  await status();
  await put(0);
  assert.deepEqual(proxy.violations().map(({ ranges }) => ranges), [[[0, UNIT]]]);
});

test("a range that a creation answered as known and that is sent is a violation", async (t) => {
  const { proxy, upstream, put, create } = await behindProxy(t);
  upstream.received = [[0, UNIT]];
  await create();
  await put(0);
  assert.equal(proxy.violations().length, 1);
});

test("a confirmed range that is missing in a later status is a violation", async (t) => {
  const { proxy, upstream, put, status } = await behindProxy(t);
  await put(0);
  upstream.received = [[UNIT, MIB]];
  await status();
  assert.deepEqual(proxy.violations(), [{ kind: "lost", id: "u", ranges: [[0, UNIT]], request: "GET /uploads/u" }]);
});

test("a creation with content whose bytes were seen confirmed is a violation when it comes again, and none when they were not", async (t) => {
  const { proxy, upstream } = await behindProxy(t);
  upstream.received = [[0, 5]];
  const body = Buffer.from("hello");
  const headers = contentHeaders(body);
  const create = () => request(`${proxy.url}/uploads`, { method: "POST", headers, body });
  proxy.rule = () => answerLost;
  await assert.rejects(create());
  proxy.rule = () => undefined;
  await create();
  assert.deepEqual(proxy.violations(), []);
  await create();
  assert.deepEqual(proxy.violations(), [{ kind: "sent again", id: "u", ranges: [[0, 5]], request: "POST /uploads" }]);
});

test("the same range of another upload is none", async (t) => {
  const { proxy, put } = await behindProxy(t);
  await put(0);
  await put(0, { id: "v" });
  assert.deepEqual(proxy.violations(), []);
});


test("a confirmed range that the server calls missing at the completion is a violation", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  await put(0);
  upstream.missing = [[UNIT, 2 * UNIT], [5 * MIB, 6 * MIB]];
  await request(`${proxy.url}/uploads/u/complete`, { method: "POST", body: "{}" });
  assert.deepEqual(proxy.violations(), [{ kind: "lost", id: "u", ranges: [[UNIT, 2 * UNIT]], request: "POST /uploads/u/complete" }]);
});

test("a 200 to a PUT confirms what the status in it says, and a page nothing", async (t) => {
  const { proxy, put } = await behindProxy(t);
  const status = { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ received: [[0, UNIT]] }) };
  proxy.rule = putFaults({ 1: answersHtml(200), 2: status });
  await put(0);
  assert.equal(proxy.wire.confirmedBytes(), 0);
  await put(0);
  assert.equal(proxy.wire.confirmedBytes(), UNIT);
  assert.deepEqual(proxy.violations(), []);
  await put(0);
  assert.deepEqual(proxy.violations().map(({ ranges }) => ranges), [[[0, UNIT]]]);
});

/** @type {Record<string, import("../support/faults.js").Fault>} */
const unseen = {
  "was lost": answerLost,
  "was reset": { dropAnswer: true, how: "reset" },
  "broke off": answerCut(1_000_000),
  "broke off with a reset": answerCut(1_000_000, "reset"),
};
for (const [what, fault] of Object.entries(unseen)) {
  test(`a 204 and a status that ${what} confirm nothing: sending the range again is right`, async (t) => {
    const { proxy, upstream, put, status } = await behindProxy(t);
    upstream.received = [[0, MIB]];
    proxy.rule = () => fault;
    await assert.rejects(put(0));
    await assert.rejects(status());
    proxy.rule = () => undefined;
    assert.equal(proxy.wire.confirmedBytes(), 0);
    await put(0);
    assert.deepEqual(proxy.violations(), []);
  });
}

test("a late answer confirms when it comes: what was sent before is no violation, what is sent after is", async (t) => {
  const { proxy, upstream, put, status } = await behindProxy(t);
  upstream.received = [[0, MIB]];
  proxy.rule = ({ method }) => (method === "GET" ? delayed(200) : undefined);
  const late = status();
  await until("the status is on its way", () => proxy.wire.exchanges[0]?.status);
  await put(0);
  assert.deepEqual(proxy.violations(), []);
  await late;
  await put(0);
  assert.equal(proxy.violations().length, 1);
});

test("a late status need not show what was confirmed after it was asked for", async (t) => {
  const { proxy, put, status } = await behindProxy(t);
  proxy.rule = ({ method }) => (method === "GET" ? delayed(200) : undefined);
  const late = status();
  await until("the status is on its way", () => proxy.wire.exchanges[0]?.status);
  await put(0);
  await late;
  assert.deepEqual(proxy.violations(), []);
  await status();
  assert.deepEqual(proxy.violations().map(({ kind }) => kind), ["lost"]);
});

test("latency holds back what is seen, not what was sent", async (t) => {
  const { proxy, put } = await behindProxy(t);
  proxy.down.latencyMs = 200;
  const first = put(0);
  await until("the server has answered", () => proxy.wire.puts[0]?.status === 204);
  const second = put(0);
  await until("the second is under way", () => proxy.wire.puts.length === 2);
  await Promise.all([first, second]);
  assert.deepEqual(proxy.violations(), [], "the first was not yet seen to be confirmed");
  proxy.up.latencyMs = 200;
  await put(0);
  assert.equal(proxy.violations().length, 1);
});
