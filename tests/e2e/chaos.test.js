// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../support/bytes.js";
import { Crowd } from "../support/chaos/crowd.js";
import { deck } from "../support/chaos/deck.js";
import { files } from "../support/chaos/files.js";
import { lineKinds, requestKinds } from "../support/chaos/kinds.js";
import { openCrossOriginStage } from "../support/chaos/stage.js";
import { mib, table } from "../support/chaos/table.js";
import { Weather } from "../support/chaos/weather.js";

/** `UPFERRY_CHAOS_SEED` repeats a run: the same choices, and the same moments as far as the machine allows. */
const seed = Number(process.env.UPFERRY_CHAOS_SEED ?? Date.now() % 1_000_000_000);
const seconds = Number(process.env.UPFERRY_CHAOS_SECONDS ?? 300);
/** Names of kinds, with commas between, for a run with these alone. */
const only = process.env.UPFERRY_CHAOS_KINDS?.split(",");

const SCALE = Math.min(1, seconds / 300);
const AT_ONCE = 6;
/** For the longest wait of a retry, twice, and the rest of the large file. */
const LIMIT_MS = 240_000;
const LOOK_MS = 300;

test(`chaos for ${seconds} s: every upload ends whole, nothing confirmed is sent again, no click (seed ${seed})`, async (t) => {
  const stage = await openCrossOriginStage(t);
  const { proxy } = stage;
  const random = seededRandom(seed);
  const weather = new Weather(proxy, { seed, scale: SCALE });
  const crowd = new Crowd(stage, proxy.url + weather.tokenPath, files(random));
  let restarts = 0;
  let secondsAfter = NaN;
  /** @type {Record<string, () => Promise<void>>} */
  const events = {
    reload: () => crowd.reload(),
    async restart() {
      await stage.server.kill9();
      await sleep(random(4000) * SCALE);
      await stage.startServer();
      restarts++;
    },
  };
  const kinds = [requestKinds, lineKinds].map(chosen);
  t.after(() => {
    const again = proxy.violations().flatMap(({ kind, ranges }) => (kind === "sent again" ? ranges : []));
    const figures = {
      uploads: crowd.ended.length,
      "of them empty": crowd.ended.filter(({ file }) => file.size === 0).length,
      "MiB of files": mib(crowd.ended.reduce((sum, { file }) => sum + file.size, 0)),
      "MiB on the wire": mib(proxy.wire.exchanges.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0)),
      "bytes seen confirmed and sent again": again.reduce((sum, [start, end]) => sum + end - start, 0),
      requests: proxy.wire.exchanges.length,
      reloads: crowd.reloads,
      restarts,
      "seconds from the last fault to the last end": secondsAfter,
    };
    for (const line of [`seed ${seed}, ${seconds} s`, ...table(proxy.injected, figures)]) t.diagnostic(line);
  });

  await crowd.open();
  const over = new AbortController();
  const storms = kinds.map((some) => weather.go(some, over.signal));
  const nextEvent = deck(Object.keys(events), random);
  const end = performance.now() + seconds * 1000;
  for (let eventAt = 0; performance.now() < end; await sleep(LOOK_MS)) {
    await crowd.look();
    await crowd.fill(AT_ONCE);
    eventAt ||= performance.now() + (8000 + random(16_000)) * SCALE;
    if (performance.now() < eventAt) continue;
    eventAt = 0;
    await events[String(nextEvent.next().value)]();
  }

  over.abort();
  await Promise.all(storms);
  weather.clear();
  const calmAt = performance.now();
  while (crowd.size > 0) {
    await crowd.look();
    assert.ok(performance.now() < calmAt + LIMIT_MS, `not ended after the faults had:\n${await crowd.describe()}`);
    await sleep(LOOK_MS);
  }
  secondsAfter = Math.round((performance.now() - calmAt) / 1000);

  for (const { file, done } of crowd.ended) await stage.assertStored(done, file);
  assert.deepEqual(await stage.page.call("interrupted"), [], "records of uploads that have ended");
  const gone = proxy.wire.exchanges.filter(({ status, deliveredAt }) => deliveredAt && (status === 404 || status === 410));
  assert.deepEqual(gone, [], "uploads that the server has lost");
  assert.ok(crowd.reloads > 0 && restarts > 0, `${crowd.reloads} reloads and ${restarts} restarts`);
  for (const kind of kinds.flatMap(Object.keys)) assert.ok(proxy.injected.get(kind), `"${kind}" has never happened`);
});

/** @param {Record<string, import("../support/chaos/kinds.js").Kind>} kinds */
function chosen(kinds) {
  return Object.fromEntries(Object.entries(kinds).filter(([name, { off }]) => (only ? only.includes(name) : !off)));
}
