// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB } from "../support/bytes.js";
import { SLOW, openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";
import { until } from "../support/until.js";

/** Long enough to see that nothing begins. */
const QUIET_MS = 1500;

test("after a pause no chunk is sent until the resume, which goes on where it stood", async (t) => {
  const stage = await openStage(t);
  const { page, proxy } = stage;
  proxy.bytesPerSecond = SLOW;
  await page.start(largeFile());
  await stage.untilConfirmed(60 * MIB);

  await page.must("act", 0, "pause");
  await page.untilState("paused");
  const pausedAt = performance.now();
  await until("no chunk in flight", () => proxy.wire.puts.every(({ endedAt }) => endedAt !== null));
  await until("the server knows", async () => (await stage.serverStatus(0)).state === "paused");
  await sleep(QUIET_MS);
  const confirmed = proxy.wire.confirmedBytes();
  assert.deepEqual(proxy.wire.puts.filter(({ beganAt }) => beganAt > pausedAt), []);
  assert.ok(confirmed < largeFile().size, "it was in the middle");

  proxy.bytesPerSecond = Infinity;
  await page.must("act", 0, "resume");
  await stage.assertStored(await page.done(), largeFile());
});
