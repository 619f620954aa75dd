// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { MIB, seededRandom } from "../bytes.js";
import { tokenRequired } from "../faults.js";
import { deck } from "./deck.js";
import { CORS } from "./kinds.js";

/**
 * @typedef {import("../faults.js").Fault} Fault
 * @typedef {import("../proxy.js").Proxy} Proxy
 * @typedef {import("../wire-log.js").Exchange} Exchange
 * @typedef {import("./kinds.js").Kind} Kind
 */

/** The pace in good weather: a machine with few cores has other things to do. */
const PACE = 10 * MIB;

const SHORTEST_MS = 2000;
const LONGEST_MS = 9000;
/** By then it ends, though no request has met it. */
const LIMIT_MS = 30_000;
/** Later than Upferry does (`stallTimeout` and two looks), and as early as any TCP: Chromium's keep-alive begins then. */
const GIVE_UP_MS = 45_000;
const CALM_MS = 1500;
const TICK_MS = 50;

/** What happens between browser and server: one kind after the other, in an order and for a time that follow from the seed. */
export class Weather {
  /** Where the page's `headers` function gets its token. */
  tokenPath = "/token";

  /** @type {{at: number, what: string}[]} when what began and ended */
  notes = [];

  #token = 0;
  /** @type {Map<string, import("../faults.js").Rule>} what happens to requests now, by kind */
  #rules = new Map();
  /** @type {Set<string>} what lasts on the line now */
  #line = new Set();

  /**
   * @param {Proxy} proxy
   * @param {{seed: number, scale?: number}} options with a `scale` below 1 everything lasts shorter
   */
  constructor(proxy, { seed, scale = 1 }) {
    this.proxy = proxy;
    this.seed = seed;
    this.scale = scale;
    proxy.rule = (exchange) => this.#meet(exchange);
    proxy.bytesPerSecond = PACE;
    proxy.giveUpMs = GIVE_UP_MS;
  }

  /**
   * Lets kinds happen one after the other, all of them before any comes again.
   * @param {Record<string, Kind>} kinds
   * @param {AbortSignal} over
   */
  async go(kinds, over) {
    const random = seededRandom(this.seed + Object.keys(kinds).length);
    for (const kind of deck(Object.keys(kinds), random)) {
      const ms = (SHORTEST_MS + random(LONGEST_MS - SHORTEST_MS)) * this.scale;
      // Of its own, as it depends on the requests how much of it is used.
      const own = seededRandom(random(2 ** 31));
      await this.#stand(random(CALM_MS) * this.scale, over);
      if (over.aborted) return;
      await this.#episode(kind, kinds[kind], ms, own, over);
    }
  }

  /** @param {string} what */
  note(what) {
    this.notes.push({ at: performance.now(), what });
  }

  /** From now on all is well, and faster. */
  clear() {
    this.proxy.bytesPerSecond = Infinity;
  }

  /** The token of before is good no more. */
  renewToken() {
    this.#token++;
  }

  /**
   * @param {string} name
   * @param {Kind} kind
   * @param {number} ms
   * @param {(below: number) => number} random
   * @param {AbortSignal} over
   */
  async #episode(name, { rule, begin, strike }, ms, random, over) {
    const { proxy } = this;
    const before = this.#count(name);
    const met = () => this.#count(name) > before;
    this.note(name);
    if (strike) {
      while (!over.aborted && !met()) {
        this.happened(name, strike(this));
        await this.#stand(TICK_MS, over);
      }
      return;
    }
    begin?.(this, random);
    if (rule) this.#rules.set(name, rule(random));
    else this.#line.add(name);
    await this.#stand(ms, over);
    for (let waited = ms; waited < LIMIT_MS && !met() && !over.aborted; waited += TICK_MS) await this.#stand(TICK_MS, over);
    this.note(`${name} is over`);
    this.#rules.delete(name);
    this.#line.delete(name);
    if (!begin) return;
    proxy.up.reset();
    proxy.down.reset();
    proxy.bytesPerSecond = PACE;
  }

  /**
   * @param {Exchange} exchange
   * @returns {Fault | undefined}
   */
  #meet(exchange) {
    for (const kind of this.#line) this.happened(kind, 1);
    // The application's own; what its `headers` function makes of faults is not what this is about.
    if (exchange.path === this.tokenPath) return { status: 200, headers: CORS, body: `t${this.#token}` };
    for (const [kind, rule] of this.#rules) {
      const fault = rule(exchange);
      if (fault) return { kind, ...fault };
    }
    const refused = tokenRequired(`t${this.#token}`)(exchange);
    return refused && { ...refused, headers: { ...refused.headers, ...CORS }, kind: "token expired" };
  }

  /** @param {string} kind */
  #count(kind) {
    return this.proxy.injected.get(kind) ?? 0;
  }

  /** @param {string} kind @param {number} times */
  happened(kind, times) {
    this.proxy.injected.set(kind, this.#count(kind) + times);
  }

  /** @param {number} ms @param {AbortSignal} over */
  #stand(ms, over) {
    return sleep(ms, undefined, { signal: over }).catch(() => {});
  }
}
