// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { putFaults } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

const STALL_MS = 2000;

/** Between the two looks at a chunk that is overdue. */
const LOOK_MS = 10_000;

test("a chunk that stands still without a word is given up and sent again, and nothing else is", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB, stallTimeout: STALL_MS } });
  stage.proxy.rule = putFaults({ 3: { how: "freeze", breakAfter: MIB } });
  const file = fileOf("film.bin", randomBytes(48 * MIB, 1));
  await stage.page.start(file);
  await stage.assertStored(await stage.page.done(), file);

  const { puts } = stage.proxy.wire;
  const stalled = puts[2];
  const again = puts.filter(({ range }) => range?.[0] === stalled.range?.[0]);
  assert.equal(again.length, 2, "it was sent twice");
  assert.equal(puts.length, 12 + 1, "and no other one was");
  const waited = again[1].beganAt - stalled.beganAt;
  assert.ok(waited >= STALL_MS + LOOK_MS && waited < STALL_MS + 3 * LOOK_MS, `${waited} ms`);
});

test("a chunk that is slow but moves is never given up, however long it takes", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 8 * MIB, parallelChunks: 3, stallTimeout: STALL_MS } });
  // Each of the three takes 24 s: twelve times the timeout, and two looks.
  stage.proxy.bytesPerSecond = MIB;
  const file = fileOf("film.bin", randomBytes(24 * MIB, 2));
  await stage.page.start(file);
  await until("all but the last bytes are on their way", () => stage.proxy.wire.puts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0) > 23 * MIB, { limitMs: 60_000 });
  const looks = stage.proxy.wire.exchanges.filter(({ method }) => method === "GET").length;
  assert.ok(looks >= 2, "it was looked after");
  await stage.assertStored(await stage.page.done(), file);
  assert.equal(stage.proxy.wire.puts.length, 3, "each was sent once");
});
