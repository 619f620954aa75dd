// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB } from "../support/bytes.js";
import { SLOW, openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";

const AWAY_MS = 3000;

test("after kill -9 of the server, back after 3 s, the upload goes on without a click", async (t) => {
  const stage = await openStage(t);
  stage.proxy.bytesPerSecond = SLOW;
  await stage.page.start(largeFile());
  await stage.untilConfirmed(100 * MIB);
  await stage.server.kill9();
  assert.ok(stage.proxy.wire.confirmedBytes() < largeFile().size, "it was in the middle");

  await sleep(AWAY_MS);
  stage.proxy.bytesPerSecond = Infinity;
  await stage.startServer();
  await stage.assertStored(await stage.page.done(), largeFile());
});
