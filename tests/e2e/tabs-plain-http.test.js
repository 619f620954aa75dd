// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { SIZE, SLOW, options, takesOver, twoTabs } from "../support/two-tabs.js";
import { until } from "../support/until.js";

// There are no Web Locks: a tab that dies leaves a lease that runs out.
const LIMIT_MS = 20_000;

test("over plain http a second tab waits, shows how far the first is, and completes with it: one upload", async (t) => {
  const { stage, sending, waiting, file } = await twoTabs(t, { secure: false });
  assert.equal(await waiting.execute("return typeof navigator.locks"), "undefined");
  const seen = new Set();
  await until("live progress", async () => {
    const { progress, state } = await waiting.look();
    if (state === "waiting" && progress.confirmed > 0) seen.add(progress.confirmed);
    return seen.size >= 3;
  });
  stage.proxy.bytesPerSecond = Infinity;
  const [first, second] = [await sending.done(), await waiting.done()];
  assert.equal(first.uploadUrl, second.uploadUrl);
  await stage.assertStored(second, file);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  assert.equal(stage.proxy.wire.puts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0), SIZE, "each byte went once");
});

test("over plain http the waiting tab takes over when the sending one is closed", async (t) => {
  const tabs = await twoTabs(t, { secure: false });
  await takesOver(tabs, () => tabs.stage.closeTab(tabs.sending), LIMIT_MS);
});

testWith("killedTab", "over plain http a hidden tab takes over from a visible one that is killed", async (t) => {
  const tabs = await twoTabs(t, { secure: false, second: "tab" });
  const kill = await tabs.stage.tabKiller(tabs.sending);
  await takesOver(tabs, kill, LIMIT_MS);
});

test("over plain http a hidden tab keeps its lease while another waits", async (t) => {
  const { stage, sending, waiting, file } = await twoTabs(t, { secure: false, second: "tab" });
  stage.proxy.bytesPerSecond = MIB;
  // Longer than a lease lasts.
  await until("20 MiB more", async () => (await waiting.look()).progress.confirmed >= 24 * MIB, { limitMs: 60_000 });
  assert.equal((await waiting.look()).state, "waiting");
  stage.proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await waiting.done(), file);
  await sending.done();
});

test("over plain http what another tab sends is not listed as interrupted", async (t) => {
  const stage = await openStage(t, { options, secure: false });
  const sending = stage.page;
  const other = await stage.openTab();
  stage.proxy.bytesPerSecond = SLOW;
  await sending.start(fileOf("file.bin", randomBytes(SIZE)));
  await stage.untilConfirmed(4 * MIB);
  assert.deepEqual(await other.call("interrupted"), []);
  await stage.closeTab(sending);
  await until("it is listed", async () => (await other.call("interrupted")).length === 1, { limitMs: LIMIT_MS });
});
