// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setOffline } from "../support/browser.js";
import { MIB, randomBytes } from "../support/bytes.js";
import { cutAfter } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

/** What is promised: an upload goes on so soon after the network is back. */
const BACK_MS = 2_000;

test("an upload that loses the network waits, and goes on within two seconds of its return", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: MIB, retry: { maxAttempts: 1 } } });
  const { page, proxy } = stage;
  proxy.bytesPerSecond = 8 * MIB;
  const file = fileOf("file.bin", randomBytes(40 * MIB));
  await page.start(file);
  await stage.untilConfirmed(4 * MIB);

  await leave(stage);
  await page.untilState("waiting");
  assert.equal((await page.look()).reason, "offline");
  await until("every request has ended", () => proxy.wire.exchanges.every(({ endedAt }) => endedAt !== null));
  const putsBefore = proxy.wire.puts.length;

  proxy.bytesPerSecond = Infinity;
  await comeBack(stage);
  const backAt = performance.now();
  await until("the upload goes on", () => proxy.wire.puts.length > putsBefore);
  const waitedMs = performance.now() - backAt;
  assert.ok(waitedMs < BACK_MS, `${waitedMs} ms`);
  // One failure is allowed here, and being offline was none.
  await stage.assertStored(await page.done(), file);
});

test("a page that is offline when it makes its uploader waits, too", async (t) => {
  const stage = await openStage(t);
  const { page } = stage;
  const file = fileOf("file.bin", randomBytes(3 * MIB));
  await page.pick(file);
  await leave(stage);
  await page.must("open", { endpoint: "/uploads" });
  await page.must("add");
  await page.untilState("waiting");
  assert.equal((await page.look()).reason, "offline");
  assert.deepEqual((await page.call("events")).filter((/** @type {any} */ { type }) => type === "retry"), []);
  await comeBack(stage);
  await stage.assertStored(await page.done(), file);
});

/**
 * Takes the network away: the browser says so, and nothing comes through where it still has a way to loopback.
 * @param {Stage} stage
 */
async function leave({ openedBrowser, proxy }) {
  await setOffline(openedBrowser, true);
  proxy.rule = () => cutAfter(0);
  proxy.resetConnections();
}

/** @param {Stage} stage */
async function comeBack({ openedBrowser, proxy }) {
  proxy.rule = () => undefined;
  await setOffline(openedBrowser, false);
}
