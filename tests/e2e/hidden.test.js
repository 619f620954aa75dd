// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "../support/browser.js";
import { MIB, randomBytes } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { answers } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

/** So that Chromium throttles a hidden page's timers after 10 seconds, not after 5 minutes. */
const SOON = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10";

/** So long that the client looks at the clock a few times meanwhile: timers that set timers are the throttled ones. */
const RETRY_SECONDS = engine.name === "chromium" ? 45 : 3;
/** How much later the last retry may come: a throttled timer is late by half a minute on average. */
const LATE_MS = 12_000;

test("an upload in a hidden page, whose timers are throttled, tries again in time", async (t) => {
  const isChromium = engine.name === "chromium";
  const stage = await openStage(t, { browser: isChromium ? [SOON] : [], options: { endpoint: "/uploads", chunkSize: MIB } });
  const { page, proxy } = stage;
  const file = fileOf("file.bin", randomBytes(4 * MIB));
  await page.pick(file);
  // Asking a tab shows it, so the hidden one is spoken to through the other. A timer sets the next: only such are
  // throttled in the end.
  await page.execute(`window.shown = [document.visibilityState];
    document.addEventListener("visibilitychange", () => shown.push(document.visibilityState));
    const channel = new BroadcastChannel("hidden");
    channel.onmessage = () => void bench.add();
    const beat = () => { channel.postMessage("beat"); setTimeout(beat, 1_000); };
    beat();`);
  const other = await stage.openTab("tab");
  await other.execute(`window.beats = 0;
    window.channel = new BroadcastChannel("hidden");
    channel.onmessage = () => (beats += 1);`);
  if (isChromium) await untilThrottled(() => other.execute("return window.beats"));

  let failures = 0;
  proxy.rule = ({ range }) => (range && failures++ === 0 ? answers(503, { retryAfter: RETRY_SECONDS }) : undefined);
  const began = performance.now();
  await other.execute("channel.postMessage('add')");
  await until("all is stored", () => proxy.wire.confirmedBytes() === file.size, { limitMs: 120_000 });
  const tookMs = performance.now() - began;
  assert.ok(tookMs < RETRY_SECONDS * 1_000 + LATE_MS, `${tookMs} ms`);
  // In Chromium it is shown when it is asked.
  assert.match((await page.execute("return shown")).join(" "), /^visible hidden( visible)?$/, "it was hidden all the time");
  await stage.assertStored(await page.done(), file);
});

testWith("wakeLock", "the screen stays on while something is sent, and only then", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", wakeLock: true, chunkSize: MIB } });
  const { page, proxy } = stage;
  proxy.bytesPerSecond = MIB;
  // The browser's own locks, noted as they come and go.
  await page.execute(`window.locks = [];
    const request = navigator.wakeLock.request.bind(navigator.wakeLock);
    navigator.wakeLock.request = async (kind) => {
      const lock = await request(kind);
      locks.push("given");
      lock.addEventListener("release", () => locks.push("released"));
      return lock;
    };`);
  /** @param {number} count */
  const untilLocks = (count) => until(`${count} changes`, async () => (await page.execute("return locks")).length >= count);
  const file = fileOf("file.bin", randomBytes(24 * MIB));
  const number = await page.start(file);
  await untilLocks(1);
  await page.call("act", number, "pause");
  await untilLocks(2);
  await page.call("act", number, "resume");
  await untilLocks(3);
  // The browser takes it back from a hidden page.
  await stage.closeTab(await stage.openTab("tab"));
  await untilLocks(5);
  proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await page.done(number), file);
  await untilLocks(6);
  // A tab that is closed hides the next one for a moment.
  const pairs = (await page.execute("return locks")).join(" ");
  assert.match(pairs, /^(given released ?)+$/);
});

/**
 * Waits until a timer of a second has not come for three.
 * @param {() => Promise<number>} beats
 */
async function untilThrottled(beats) {
  let [last, since] = [await beats(), Date.now()];
  await until("timers are throttled", async () => {
    const now = await beats();
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 3_000;
  }, { limitMs: 60_000, everyMs: 100 });
}
