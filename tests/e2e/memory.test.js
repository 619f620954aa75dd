// @ts-check
import assert from "node:assert/strict";
import { watchMemory } from "../support/browser-memory.js";
import { MIB } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { sparseFile } from "../support/test-files.js";
import { until } from "../support/until.js";

const GIB = 1024 * MIB;
const SMALL = 200 * MIB;

/** As much of the large file as is worth the time: fifteen times the small one. */
const WATCHED = 3 * GIB;

/** The uploader's `memoryBudget`: a short upload need not have filled it. */
const MARGIN_MIB = 96;

/**
 * The browser's peak in MiB until so many bytes of a file are confirmed.
 * @param {import("node:test").TestContext} t
 * @param {number} size
 * @param {number} watched
 */
async function peakWhileUploading(t, size, watched) {
  const stage = await openStage(t, { browser: [] });
  const memory = watchMemory(stage.page.browser);
  await stage.page.start(sparseFile("zeros.bin", size));
  await until(`${watched} bytes confirmed`, () => stage.proxy.wire.confirmedBytes() >= watched, { limitMs: 120_000 });
  memory.stop();
  await stage.page.must("act", 0, "cancel");
  stage.assertPromise();
  return memory.peakMib();
}

testWith("steadyMemory", `the first 3 GiB of a 20 GiB file need at most ${MARGIN_MIB} MiB more memory than all of a 200 MiB file`, async (t) => {
  const small = await peakWhileUploading(t, SMALL, SMALL);
  const large = await peakWhileUploading(t, 20 * GIB, WATCHED);
  t.diagnostic(`peak of all the browser's processes: ${small} MiB and ${large} MiB`);
  assert.ok(small > 100, "a browser needs more than that: it was not measured");
  assert.ok(large <= small + MARGIN_MIB, `${small} MiB, but ${large} MiB with the large file`);
});
