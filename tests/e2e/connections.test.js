// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { answerLost, byteFlipped, cutAfter, delayed, putFaults } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

/** @typedef {import("../support/faults.js").Rule} Rule */

const options = { endpoint: "/uploads", chunkSize: 4 * MIB };
const file = () => fileOf("file.bin", randomBytes(64 * MIB));

/**
 * A whole upload with these faults.
 * @param {import("node:test").TestContext} t
 * @param {Rule} rule
 * @param {{keepAlive?: boolean}} [proxy]
 */
async function uploadWith(t, rule, { keepAlive = false } = {}) {
  const stage = await openStage(t, { options, keepAlive });
  stage.proxy.rule = rule;
  const picked = file();
  await stage.page.start(picked);
  await stage.assertStored(await stage.page.done(), picked);
  return stage.proxy.wire;
}

/**
 * The first answered status request that began after a chunk's connection had ended, and before `before`.
 * @param {import("../support/wire-log.js").WireLog} wire
 * @param {import("../support/wire-log.js").Exchange} put
 */
function statusAfter(wire, put, before = Infinity) {
  return wire.requests("GET").find(({ id, beganAt, deliveredAt }) => id === put.id && beganAt >= Number(put.endedAt) && Number(deliveredAt) < before);
}

test("connections cut in the middle of chunks: the status is asked for before they are sent again", async (t) => {
  const wire = await uploadWith(t, putFaults({ 2: cutAfter(MIB), 6: cutAfter(3 * MIB), 7: cutAfter(1) }));
  const unanswered = wire.puts.filter(({ status }) => status === null);
  assert.equal(unanswered.length, 3);
  for (const put of unanswered) {
    const again = wire.puts.find(({ range, beganAt }) => range?.[0] === put.range?.[0] && beganAt > put.beganAt);
    assert.ok(again && statusAfter(wire, put, again.beganAt), `${put.range} was sent again without a look at the status`);
  }
});

test("an answer lost after the chunk was stored: the status tells, and the chunk is not sent again", async (t) => {
  const wire = await uploadWith(t, putFaults({ 3: answerLost }));
  const lost = wire.puts.filter(({ status, deliveredAt }) => status === 204 && deliveredAt === null);
  assert.equal(lost.length, 1);
  assert.ok(statusAfter(wire, lost[0]), "no status was asked for");
  assert.equal(wire.puts.filter(({ range }) => range?.[0] === lost[0].range?.[0]).length, 1);
});

test("connections that are kept and then cut, where the browser may repeat a request by itself", async (t) => {
  await uploadWith(t, putFaults({ 7: cutAfter(MIB), 9: answerLost, 11: cutAfter(2 * MIB), 12: answerLost }), { keepAlive: true });
});

test("answers that come seconds late", async (t) => {
  await uploadWith(t, putFaults({ 2: delayed(2000), 3: delayed(500) }));
});

test("a byte changed on the way: the chunk is refused by its digest and sent again", async (t) => {
  const wire = await uploadWith(t, putFaults({ 3: byteFlipped }));
  assert.deepEqual(wire.puts.filter(({ status }) => status !== 204).map(({ status }) => status), [400]);
});

test("the answer to the creation lost: repeated with its key, it stays one upload", async (t) => {
  let creations = 0;
  const wire = await uploadWith(t, ({ method, path }) => (method === "POST" && path === "/uploads" && ++creations === 1 ? answerLost : undefined));
  assert.equal(new Set(wire.puts.map(({ id }) => id)).size, 1);
  assert.deepEqual(wire.requests("POST", "/uploads").map(({ status }) => status), [201, 200]);
});

test("the answer to the completion lost: it is repeated", async (t) => {
  let completions = 0;
  const wire = await uploadWith(t, ({ path }) => (path.endsWith("/complete") && ++completions === 1 ? answerLost : undefined));
  assert.ok(wire.requests("GET").length > 0 || completions > 1);
});
