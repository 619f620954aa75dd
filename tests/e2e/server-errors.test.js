// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { answers, putFaults } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

const options = { endpoint: "/uploads", chunkSize: 4 * MIB };
const file = () => fileOf("file.bin", randomBytes(64 * MIB));

/** Chunks that were on their way when the answer was may begin so much later, in a browser that has to wait for a processor. */
const GRACE_MS = 1000;

test("500 to some chunks: they are sent again, without a click", async (t) => {
  const stage = await openStage(t, { options });
  stage.proxy.rule = putFaults({ 2: answers(500), 5: answers(500), 6: answers(502) });
  const picked = file();
  await stage.page.start(picked);
  await stage.assertStored(await stage.page.done(), picked);
  assert.equal(stage.proxy.wire.puts.filter(({ status }) => status && status >= 500).length, 3);
});

test("503 with Retry-After: no chunk is sent before that time", async (t) => {
  const stage = await openStage(t, { options });
  stage.proxy.rule = putFaults({ 4: answers(503, { retryAfter: 3 }) });
  // The whole file takes longer than the wait: whoever does not wait would send all the time.
  stage.proxy.bytesPerSecond = 16 * MIB;
  const picked = file();
  await stage.page.start(picked);
  await stage.assertStored(await stage.page.done(), picked);

  const { puts } = stage.proxy.wire;
  const refusedAt = Number(puts.find(({ status }) => status === 503)?.deliveredAt);
  const early = puts.filter(({ beganAt }) => beganAt > refusedAt + GRACE_MS && beganAt < refusedAt + 3000);
  assert.deepEqual(early, []);
  assert.ok(puts.some(({ beganAt }) => beganAt >= refusedAt + 3000), "the chunk came later");
});

test("429 with Retry-After as a date is waited for as well", async (t) => {
  const stage = await openStage(t, { options });
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 8000);
  stage.proxy.rule = ({ range }) => (range && Date.now() < until.getTime() - 2000 ? { status: 429, headers: { "retry-after": until.toUTCString() } } : undefined);
  const picked = file();
  await stage.page.start(picked);
  await stage.assertStored(await stage.page.done(), picked);
  const taken = stage.proxy.wire.puts.filter(({ status }) => status === 204);
  const firstAt = performance.timeOrigin + Math.min(...taken.map(({ beganAt }) => beganAt));
  assert.ok(firstAt >= until.getTime(), `${until.getTime() - firstAt} ms too early`);
});

test("503 to the creation and to the completion: both are repeated and make one upload", async (t) => {
  const stage = await openStage(t, { options });
  let creations = 0;
  let completions = 0;
  stage.proxy.rule = ({ method, path }) => {
    if (method !== "POST") return undefined;
    const first = path.endsWith("/complete") ? ++completions === 1 : ++creations === 1;
    return first ? answers(503) : undefined;
  };
  const picked = file();
  await stage.page.start(picked);
  await stage.assertStored(await stage.page.done(), picked);
  assert.deepEqual([creations, completions], [2, 2]);
});
