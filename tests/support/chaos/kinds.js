// @ts-check
import { MIB } from "../bytes.js";
import { answerCut, answersHtml, bodyLimit, cutAfter, delayed } from "../faults.js";

/**
 * @typedef {import("../faults.js").Fault} Fault
 * @typedef {import("../faults.js").Rule} Rule
 * @typedef {import("./weather.js").Weather} Weather
 * @typedef {(below: number) => number} Random
 *
 * @typedef {object} Kind a kind of bad weather between browser and server
 * @property {(random: Random) => Rule} [rule] what happens to requests while it lasts
 * @property {(weather: Weather, random: Random) => void} [begin] how the line is while it lasts
 * @property {(weather: Weather) => number} [strike] happens to all that is on the line now; to so many requests
 */

/** What a proxy of the application's own adds to its answers; others do not know of it, so that no page may read what they say. */
export const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After" };

/** @param {Random} random @param {number} from @param {number} to */
const between = (random, from, to) => from + random(to - from + 1);

/** @template T @param {Random} random @param {T[]} list */
const oneOf = (random, list) => list[random(list.length)];

/**
 * A refusal by something before the server.
 * @param {Random} random
 * @param {number[]} statuses
 */
function refusal(random, statuses) {
  /** @type {Record<string, string>} */
  const headers = oneOf(random, [{}, { ...CORS }]);
  if (random(2) === 0) headers["retry-after"] = String(between(random, 1, 3));
  return answersHtml(oneOf(random, statuses), headers);
}

/**
 * A fault of so many of a hundred requests.
 * @param {number} percent
 * @param {(random: Random) => Fault} fault
 * @returns {Kind}
 */
const some = (percent, fault) => ({ rule: (random) => () => (random(100) < percent ? fault(random) : undefined) });

/**
 * A fault of so many of a hundred chunks, somewhere in their bodies.
 * @param {number} percent
 * @param {(random: Random, bodyLength: number) => Fault} fault
 * @returns {Kind}
 */
const someChunks = (percent, fault) => ({
  rule: (random) => ({ range, bodyLength }) => (range && random(100) < percent ? fault(random, bodyLength) : undefined),
});

/**
 * Silence for so many of a hundred requests, but for preflights: Chromium never gives one up, not even when its fetch is
 * aborted or its page reloaded, and six of them would take all of its connections to the server.
 * @param {number} percent
 * @param {Fault} fault
 * @returns {Kind}
 */
const silent = (percent, fault) => ({
  rule: (random) => ({ method }) => (method !== "OPTIONS" && random(100) < percent ? fault : undefined),
});

/**
 * Those of single requests.
 * @type {Record<string, Kind>}
 */
export const requestKinds = {
  "cut in the body": someChunks(40, (random, length) => cutAfter(between(random, 1, length))),
  "reset in the body": someChunks(40, (random, length) => cutAfter(between(random, 1, length), "reset")),
  "reset before the answer": some(30, () => ({ dropAnswer: true, how: "reset" })),
  "reset within the answer": some(30, (random) => answerCut(random(400), "reset")),
  "answer lost": some(40, () => ({ dropAnswer: true })),
  "answer truncated": some(40, (random) => answerCut(random(400))),
  "half a JSON": some(60, (random) => ({ shorten: random(400) })),
  "answer late": some(40, (random) => delayed(between(random, 300, 6000))),
  "sent twice": some(60, () => ({ twice: true })),
  "copy comes late": some(60, (random) => ({ againMs: between(random, 200, 8000) })),
  "byte changed": someChunks(20, () => ({ flipByte: true })),
  "502 503 504": some(100, (random) => refusal(random, [502, 503, 504])),
  "408 425 429": some(60, (random) => refusal(random, [408, 425, 429])),
  "captive portal": some(100, (random) => answersHtml(200, oneOf(random, [{}, CORS]))),
  "413 above 1 MiB": { rule: () => bodyLimit(MIB) },
  "silent in the body": someChunks(30, (random, length) => cutAfter(between(random, 1, length), "freeze")),
  "silent before the answer": silent(20, { dropAnswer: true, how: "freeze" }),
  "silent to everything": silent(100, cutAfter(0, "freeze")),
};

/**
 * Those of the line, and of everything that is on it.
 * @type {Record<string, Kind>}
 */
export const lineKinds = {
  latency: {
    begin({ proxy: { up, down } }, random) {
      up.latencyMs = between(random, 20, 400);
      down.latencyMs = between(random, 20, 400);
    },
  },
  "slow line": {
    begin({ proxy: { up } }, random) {
      up.bytesPerSecond = between(random, MIB / 4, 2 * MIB);
    },
  },
  "slow connections": {
    begin({ proxy: { up } }, random) {
      up.bytesPerSecondEach = between(random, MIB / 8, MIB / 2);
    },
  },
  "small windows": {
    begin({ proxy: { up, down } }, random) {
      up.windowBytes = between(random, 64, 256) * 1024;
      up.latencyMs = down.latencyMs = between(random, 20, 100);
    },
  },
  "all reset": { strike: ({ proxy }) => proxy.resetConnections() },
  "token expired": { begin: (weather) => weather.renewToken(), rule: () => () => undefined },
  "all half-open": { strike: ({ proxy }) => proxy.freezeConnections() },
};
