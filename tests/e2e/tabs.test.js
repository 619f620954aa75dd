// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { SIZE, SLOW, options, takesOver, twoTabs } from "../support/two-tabs.js";
import { until } from "../support/until.js";

const WATCH_VISIBILITY = "window.shown = []; addEventListener('visibilitychange', () => shown.push(document.visibilityState))";

/** What a waiting tab may take to go on once the sending one is gone. */
const LIMIT_MS = 5_000;

test("a second tab waits, shows how far the first is, and completes with it: one upload", async (t) => {
  const { stage, sending, waiting, file } = await twoTabs(t);
  const seen = new Set();
  await until("live progress", async () => {
    const { progress, state } = await waiting.look();
    if (state === "waiting" && progress.confirmed > 0) seen.add(progress.confirmed);
    return seen.size >= 3;
  });
  const { uploadUrl } = await sending.look();
  stage.proxy.bytesPerSecond = Infinity;
  const [first, second] = [await sending.done(), await waiting.done()];
  assert.deepEqual([first.uploadUrl, second.uploadUrl], [uploadUrl, uploadUrl]);
  await stage.assertStored(first, file);
  await stage.assertStored(second, file);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  assert.equal(stage.proxy.wire.puts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0), SIZE, "each byte went once");
});

test("the waiting tab takes over when the sending one is closed", async (t) => {
  const tabs = await twoTabs(t);
  await takesOver(tabs, () => tabs.stage.closeTab(tabs.sending), LIMIT_MS);
});

testWith("killedTab", "the waiting tab takes over when the sending one's process is killed", async (t) => {
  const tabs = await twoTabs(t);
  await takesOver(tabs, () => tabs.stage.killTab(tabs.sending), LIMIT_MS);
});

// The tab that was spoken to last is the one that is seen.

testWith("killedTab", "a visible tab takes over from a hidden one that is killed", async (t) => {
  const tabs = await twoTabs(t, { second: "tab" });
  const kill = await tabs.stage.tabKiller(tabs.sending);
  await tabs.waiting.look();
  await takesOver(tabs, kill, LIMIT_MS);
});

testWith("killedTab", "a hidden tab takes over from a visible one that is killed", async (t) => {
  const tabs = await twoTabs(t, { second: "tab" });
  await tabs.waiting.execute(WATCH_VISIBILITY);
  const kill = await tabs.stage.tabKiller(tabs.sending);
  await takesOver(tabs, kill, LIMIT_MS);
  assert.deepEqual(await tabs.waiting.execute("return shown"), ["hidden", "visible"], "it was hidden all the time");
});

test("the waiting tab takes over when the sending one gives the uploader up", async (t) => {
  const tabs = await twoTabs(t);
  await takesOver(tabs, () => tabs.sending.call("free"), LIMIT_MS);
});

test("a tab that waits may be cancelled or closed, and the other goes on", async (t) => {
  const { stage, sending, waiting, file } = await twoTabs(t);
  await waiting.must("act", 0, "cancel");
  const again = await waiting.start(file);
  await waiting.untilState("waiting", again);
  await stage.closeTab(waiting);
  stage.proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await sending.done(), file);
  assert.equal(stage.proxy.wire.requests("DELETE").length, 0);
});

test("what another tab sends is not listed as interrupted, and is once that tab is gone", async (t) => {
  const stage = await openStage(t, { options });
  const sending = stage.page;
  const other = await stage.openTab();
  stage.proxy.bytesPerSecond = SLOW;
  await sending.start(fileOf("file.bin", randomBytes(SIZE)));
  await stage.untilConfirmed(4 * MIB);
  assert.deepEqual(await other.call("interrupted"), []);
  await stage.closeTab(sending);
  await until("it is listed", async () => (await other.call("interrupted")).length === 1);
});

test("tabs of different namespaces do not see each other", async (t) => {
  const stage = await openStage(t, { options });
  const tabs = [stage.page, await stage.openTab()];
  const file = fileOf("file.bin", randomBytes(16 * MIB));
  stage.proxy.bytesPerSecond = 8 * MIB;
  for (const [number, tab] of tabs.entries()) {
    await tab.must("open", { ...options, namespace: `user-${number}` });
    await tab.start(file);
  }
  await until("both send", () => new Set(stage.proxy.wire.puts.map(({ id }) => id)).size === 2);
  for (const tab of tabs) {
    assert.equal((await tab.look()).state, "uploading");
    assert.deepEqual(await tab.call("interrupted"), []);
  }
  stage.proxy.bytesPerSecond = Infinity;
  const done = [await tabs[0].done(), await tabs[1].done()];
  assert.notEqual(done[0].uploadUrl, done[1].uploadUrl);
  for (const one of done) await stage.assertStored(one, file);
});
