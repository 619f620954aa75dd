// @ts-check
import assert from "node:assert/strict";
import { MIB, randomBytes } from "./bytes.js";
import { openStage } from "./stage.js";
import { fileOf } from "./test-files.js";
import { until } from "./until.js";

/**
 * @typedef {import("./stage.js").StageOptions} StageOptions
 * @typedef {import("./bench-page.js").BenchPage} BenchPage
 * @typedef {import("./test-files.js").TestFile} TestFile
 * @typedef {{stage: import("./stage.js").Stage, sending: BenchPage, waiting: BenchPage, file: TestFile}} TwoTabs
 */

export const SIZE = 64 * MIB;

/** Chunks that are small for a line that is slow: a lot happens, and nothing is over before a test has acted on it. */
export const options = { endpoint: "/uploads", chunkSize: 4 * MIB };
export const SLOW = 4 * MIB;

/**
 * One tab that sends a file, and one that waits for it, which was spoken to last.
 * @param {import("node:test").TestContext} t
 * @param {StageOptions & {second?: "window" | "tab"}} [more] in a window of its own, or as a tab that hides the other
 * @returns {Promise<TwoTabs>}
 */
export async function twoTabs(t, { second = "window", ...more } = {}) {
  const stage = await openStage(t, { options, ...more });
  const [sending, waiting] = [stage.page, await stage.openTab(second)];
  const file = fileOf("file.bin", randomBytes(SIZE));
  stage.proxy.bytesPerSecond = SLOW;
  await sending.start(file);
  await stage.untilConfirmed(4 * MIB);
  await waiting.start(file);
  const { reason } = await waiting.untilState("waiting");
  assert.equal(reason, "other-tab");
  return { stage, sending, waiting, file };
}

/**
 * Ends the tab that sends, waits for the first chunk from the other, and for the end of the upload.
 * @param {TwoTabs} tabs
 * @param {() => Promise<unknown>} end
 * @param {number} limitMs what the waiting tab may take to go on
 */
export async function takesOver({ stage, waiting, file }, end, limitMs) {
  await end();
  const ended = performance.now();
  const isNew = () => stage.proxy.wire.puts.some(({ beganAt }) => beganAt > ended);
  await until("the waiting tab sends", isNew, { limitMs });
  stage.proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await waiting.done(), file);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
}
