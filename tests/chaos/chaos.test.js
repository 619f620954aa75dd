// @ts-check
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../support/bytes.js";
import { Crowd } from "../support/chaos/crowd.js";
import { deck } from "../support/chaos/deck.js";
import { eventsOf } from "../support/chaos/events.js";
import { files } from "../support/chaos/files.js";
import { history } from "../support/chaos/history.js";
import { lineKinds, requestKinds } from "../support/chaos/kinds.js";
import { openCrossOriginStage } from "../support/chaos/stage.js";
import { figuresOf, table } from "../support/chaos/table.js";
import { Weather } from "../support/chaos/weather.js";

/** `UPFERRY_CHAOS_SEED` makes another run; the same one has the same choices, and the same moments as far as the machine allows. */
const seed = Number(process.env.UPFERRY_CHAOS_SEED ?? 380_990_648);
const seconds = Number(process.env.UPFERRY_CHAOS_SECONDS ?? 300);
/** Names of kinds and events, with commas between, for a run with these alone. */
const only = (process.env.UPFERRY_CHAOS_KINDS || undefined)?.split(",");

/** In a shorter run everything is shorter, so that everything happens. */
const SCALE = Math.min(1, seconds / 300);
const AT_ONCE = 6;
const EVENT_EVERY_MS = 15_000;
/** For the longest wait of a retry, twice, and the rest of the large file. */
const LIMIT_MS = 240_000;
const LOOK_MS = 300;

test(`chaos for ${seconds} s: every upload ends whole, nothing confirmed is sent again, no click (seed ${seed})`, async (t) => {
  const stage = await openCrossOriginStage(t);
  const { proxy } = stage;
  const weather = new Weather(proxy, { seed, scale: SCALE });
  const crowd = new Crowd(stage, proxy.url + weather.tokenPath, files(seededRandom(seed + 1)));
  const random = seededRandom(seed + 2);
  const kinds = [requestKinds, lineKinds].map((of) => chosen(of));
  const events = chosen(eventsOf(stage, crowd, random, SCALE));
  let secondsAfter = NaN;
  const unended = async () => [await crowd.describe(), ...history(proxy.wire.exchanges.slice(-50), weather.notes)].join("\n");
  // What happened to uploads that were not kept to their promise, or came to no end.
  const doubtful = () => {
    const { wire } = proxy;
    const ended = new Set(crowd.ended.map(({ done }) => basename(done.uploadUrl)));
    const ids = new Set([...wire.violations().map(({ id }) => id), ...wire.exchanges.flatMap(({ id }) => (id && !ended.has(id) ? id : []))]);
    return [...ids].flatMap((id) => history(wire.exchanges.filter((exchange) => exchange.id === id), weather.notes));
  };
  t.after(() => {
    const figures = { ...figuresOf(proxy.wire, crowd.ended), "seconds from the last fault to the last end": secondsAfter };
    for (const line of [`seed ${seed}, ${seconds} s`, ...table(proxy.injected, figures), ...doubtful()]) t.diagnostic(line);
  });

  await crowd.open();
  const over = new AbortController();
  const storms = kinds.map((some) => weather.go(some, over.signal));
  const nextEvent = deck(Object.keys(events), random);
  const end = performance.now() + seconds * 1000;
  for (let eventAt = 0; performance.now() < end; await sleep(LOOK_MS)) {
    await crowd.look();
    await crowd.fill(AT_ONCE);
    eventAt ||= performance.now() + random(EVENT_EVERY_MS) * SCALE;
    const event = performance.now() < eventAt ? undefined : nextEvent.next().value;
    if (!event) continue;
    weather.note(event);
    await events[event]();
    weather.note(`${event} is over`);
    weather.happened(event, 1);
    eventAt = 0;
  }

  over.abort();
  await Promise.all(storms);
  weather.clear();
  const calmAt = performance.now();
  while (crowd.size > 0) {
    await crowd.look();
    assert.ok(performance.now() < calmAt + LIMIT_MS, `not ended after the faults had:\n${await unended()}`);
    await sleep(LOOK_MS);
  }
  secondsAfter = Math.round((performance.now() - calmAt) / 1000);

  for (const { file, done } of crowd.ended) await stage.assertStored(done, file);
  const interrupted = await stage.page.call("interrupted");
  assert.deepEqual(interrupted.filter((/** @type {any} */ { name }) => !crowd.left.has(name)), [], "records of uploads that have ended");
  const gone = proxy.wire.exchanges.filter(({ status, deliveredAt }) => deliveredAt && (status === 404 || status === 410));
  assert.deepEqual(gone, [], "uploads that the server has lost");
  for (const kind of [...kinds, events].flatMap(Object.keys)) assert.ok(proxy.injected.get(kind), `"${kind}" has never happened`);
});

/**
 * @template K
 * @param {Record<string, K>} kinds
 */
function chosen(kinds) {
  return Object.fromEntries(Object.entries(kinds).filter(([name]) => only?.includes(name) ?? true));
}
