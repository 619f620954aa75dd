// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { browserPids } from "../support/browser.js";
import { MIB, randomBytes } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

testWith("keepsUploadingPage", "an upload in a page that comes back from the back/forward cache goes on by itself", async (t) => {
  const stage = await openStage(t);
  const { page, proxy } = stage;
  proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("file.bin", randomBytes(64 * MIB));
  await page.start(file);
  await stage.untilConfirmed(8 * MIB);
  await page.execute("addEventListener('pageshow', ({ persisted }) => (window.wasKept = persisted))");

  await page.load(`${proxy.url}/favicon.svg`);
  await until("nothing is on its way", () => proxy.wire.exchanges.every(({ endedAt }) => endedAt !== null));
  const confirmedBefore = proxy.wire.confirmedBytes();
  proxy.bytesPerSecond = Infinity;
  await page.execute("history.back()");

  const wasKept = await until("the page is back", () => page.execute("return String(window.wasKept ?? '')"));
  assert.equal(wasKept, "true", "the page was not kept, so nothing is shown");
  await stage.assertStored(await page.done(), file);
  assert.ok(confirmedBefore < file.size, "it was over before the page came back");
});

test("after the machine has slept, what was on its way is looked after at once", async (t) => {
  // So long that only the sleep can be the reason to look.
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB, stallTimeout: 600_000 } });
  const { page, proxy } = stage;
  proxy.bytesPerSecond = 4 * MIB;
  const file = fileOf("file.bin", randomBytes(32 * MIB));
  await page.start(file);
  await stage.untilConfirmed(4 * MIB);
  const frozen = proxy.freezeConnections();
  assert.ok(frozen > 0, "nothing was on its way");
  const asked = proxy.wire.exchanges.length;
  await sleepOfTheMachine(stage, 16_000);

  // A browser may try its other connections first, which are as dead.
  await until("the server is asked", () => proxy.wire.exchanges.slice(asked).some(({ method }) => method === "GET"), { limitMs: 45_000 });
  proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await page.done(), file);
});

/**
 * Stops every process of the browser for a while, as a sleep does.
 * @param {Stage} stage
 * @param {number} ms
 */
async function sleepOfTheMachine(stage, ms) {
  const processes = browserPids(stage.openedBrowser);
  const stoppedAt = Date.now();
  for (const pid of processes) process.kill(pid, "SIGSTOP");
  try {
    await until("it has slept long enough", () => Date.now() - stoppedAt >= ms, { limitMs: ms * 2 });
  } finally {
    for (const pid of processes) process.kill(pid, "SIGCONT");
  }
}
