// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { descendants } from "../support/process-tree.js";
import { MIB, randomBytes } from "../support/bytes.js";
import { delayed } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

test("an upload in a page that comes back from the back/forward cache goes on by itself", async (t) => {
  const stage = await openStage(t);
  const { page, proxy } = stage;
  const browser = stage.openedBrowser;
  proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("file.bin", randomBytes(64 * MIB));
  await page.start(file);
  await stage.untilConfirmed(8 * MIB);
  await browser.executeScript("addEventListener('pageshow', ({ persisted }) => (globalThis.wasKept = persisted))");

  await browser.get(`${proxy.url}/favicon.svg`);
  await until("nothing is on its way", () => proxy.wire.exchanges.every(({ endedAt }) => endedAt !== null));
  const confirmedBefore = proxy.wire.confirmedBytes();
  proxy.bytesPerSecond = Infinity;
  await browser.navigate().back();

  assert.equal(await browser.executeScript("return globalThis.wasKept"), true, "the page was not kept, so nothing is shown");
  await stage.assertStored(await page.done(), file);
  assert.ok(confirmedBefore < file.size, "it was over before the page came back");
});

test("after the machine has slept, what was on its way is looked after at once", async (t) => {
  // So long that only the sleep can be the reason to look.
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: MIB, stallTimeout: 600_000 } });
  const { page, proxy } = stage;
  let lost = 0;
  proxy.rule = ({ range }) => (range && range[0] >= 4 * MIB && lost++ < 3 ? delayed(40_000) : undefined);
  const file = fileOf("file.bin", randomBytes(8 * MIB));
  await page.start(file);
  await until("three chunks hang", () => lost >= 3);
  await sleepOfTheMachine(stage, 16_000);

  const awakeAt = performance.now();
  await stage.assertStored(await page.done(), file);
  const tookMs = performance.now() - awakeAt;
  assert.ok(tookMs < 15_000, `${tookMs} ms`);
});

/**
 * Stops every process of the browser for a while, as a sleep does.
 * @param {Stage} stage
 * @param {number} ms
 */
async function sleepOfTheMachine(stage, ms) {
  const browser = (await stage.openedBrowser.getCapabilities()).get("goog:processID");
  const processes = [browser, ...descendants(browser)];
  const stoppedAt = Date.now();
  for (const pid of processes) process.kill(pid, "SIGSTOP");
  try {
    await until("it has slept long enough", () => Date.now() - stoppedAt >= ms, { limitMs: ms * 2 });
  } finally {
    for (const pid of processes) process.kill(pid, "SIGCONT");
  }
}
