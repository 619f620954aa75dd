// @ts-check
import { RangeSet } from "./range-set.js";

/** @typedef {import("./range-set.js").Range} Range */

/**
 * One request and what became of it, as seen between browser and server. Times are `performance.now()`.
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} path
 * @property {string} host the `Host` that was asked
 * @property {string | null} id of the upload it is about; of a creation, once it is known
 * @property {string} key the idempotency key of a creation
 * @property {Range | null} range of a PUT
 * @property {number} bodyLength as the request announces it
 * @property {string | undefined} authorization
 * @property {number} beganAt
 * @property {number} bodyBytes of the request, as far as they have come
 * @property {number | null} status as the server (or a fault) answered, whether or not that reached the browser
 * @property {number | null} deliveredAt when the whole answer had gone to the browser; null: it never did
 * @property {number | null} endedAt when it was over, one way or the other
 *
 * @typedef {object} Violation
 * @property {"sent again" | "lost"} kind a confirmed range was in a later PUT or creation, or missing according to a later answer
 * @property {string} id
 * @property {Range[]} ranges
 * @property {string} request
 */

/** What went over the wire, and whether the first promise was kept: what the client has seen confirmed is never sent again and never lost. */
export class WireLog {
  /** @type {Exchange[]} */
  exchanges = [];

  /** @type {Violation[]} */
  #violations = [];

  /** @type {Map<string, RangeSet>} what the client has seen confirmed, by upload */
  #confirmed = new Map();

  /** @type {WeakMap<Exchange, RangeSet>} what it had seen when it sent this request */
  #confirmedBefore = new WeakMap();

  /** @type {Map<string, string>} the upload that a creation has made, by its idempotency key */
  #created = new Map();

  /** @type {WeakSet<Exchange>} chunks whose answer nobody sees any more */
  #orphans = new WeakSet();

  get puts() {
    return this.exchanges.filter(({ range }) => range !== null);
  }

  /** Must be empty, in every test. */
  violations() {
    return this.#violations;
  }

  /**
   * What the client has seen confirmed.
   * @param {string} [id] default: of all uploads
   */
  confirmedBytes(id) {
    return [...this.#confirmed].reduce((sum, [key, set]) => sum + (!id || key === id ? set.bytes : 0), 0);
  }

  /**
   * The requests of a method, to paths that end so.
   * @param {string} method
   * @param {string} [pathEnd]
   */
  requests(method, pathEnd = "") {
    return this.exchanges.filter((exchange) => exchange.method === method && exchange.path.endsWith(pathEnd));
  }

  /**
   * @param {{method?: string, url?: string, headers: import("node:http").IncomingHttpHeaders}} request
   * @returns {Exchange}
   */
  begin({ method = "", url = "", headers }) {
    const path = url.split("?")[0];
    const key = method === "POST" ? String(headers["idempotency-key"] ?? "") : "";
    const bodyLength = Number(headers["content-length"] ?? 0);
    const exchange = {
      method,
      path,
      host: headers.host ?? "",
      id: /^\/uploads\/([^/]+)/.exec(path)?.[1] ?? this.#created.get(key) ?? null,
      key,
      range: method === "PUT" ? parseContentRange(headers["content-range"]) : null,
      bodyLength,
      authorization: headers.authorization,
      beganAt: performance.now(),
      bodyBytes: 0,
      status: null,
      deliveredAt: null,
      endedAt: null,
    };
    this.exchanges.push(exchange);
    const confirmed = this.#confirmedOf(exchange.id);
    this.#confirmedBefore.set(exchange, new RangeSet(confirmed.ranges));
    /** @type {Range | null} */
    const sent = headers["upload-create"] ? [0, bodyLength] : exchange.range;
    if (sent) this.#report("sent again", exchange, confirmed.intersection(sent));
    return exchange;
  }

  /**
   * The process of the page that sends is dead: nobody sees the answers to the chunks under way. (Firefox goes on sending them,
   * in another process.)
   */
  orphanPuts() {
    for (const put of this.puts) if (put.endedAt === null) this.#orphans.add(put);
  }

  /**
   * The whole answer has gone to the browser, as the end of its HTTP message says: one that breaks off is never delivered. A late
   * one is delivered when it comes: what the client has sent before, it has sent without having seen it.
   * @param {Exchange} exchange
   * @param {any} json its body, where that is JSON: undefined for half a JSON in a whole message, which tells nothing
   */
  delivered(exchange, json) {
    exchange.deliveredAt = performance.now();
    const { method, status, range, key } = exchange;
    exchange.id ??= method === "POST" ? (json?.id ?? null) : null;
    if (key && exchange.id) this.#created.set(key, exchange.id);
    const confirmed = this.#confirmedOf(exchange.id);
    const before = this.#confirmedBefore.get(exchange) ?? new RangeSet();
    // A 200 to a PUT confirms through the status in its body: a captive portal answers 200 to everything.
    if (range && status === 204 && !this.#orphans.has(exchange)) confirmed.add(range);
    if (Array.isArray(json?.missing)) this.#report("lost", exchange, before.common(new RangeSet(json.missing)));
    if (!Array.isArray(json?.received)) return;
    const received = new RangeSet(json.received);
    this.#report("lost", exchange, before.minus(received));
    for (const stored of received.ranges) confirmed.add(stored);
  }

  /**
   * @param {string | null} id
   * @returns {RangeSet}
   */
  #confirmedOf(id) {
    const known = id === null ? undefined : this.#confirmed.get(id);
    if (known) return known;
    const fresh = new RangeSet();
    if (id !== null) this.#confirmed.set(id, fresh);
    return fresh;
  }

  /**
   * @param {Violation["kind"]} kind
   * @param {Exchange} exchange
   * @param {RangeSet} what
   */
  #report(kind, { id, method, path }, what) {
    if (what.bytes > 0) this.#violations.push({ kind, id: String(id), ranges: what.ranges, request: `${method} ${path}` });
  }
}

/**
 * @param {string | undefined} header
 * @returns {Range | null}
 */
function parseContentRange(header) {
  const [, first, last] = /^bytes (\d+)-(\d+)\/\d+$/.exec(header ?? "") ?? [];
  return first === undefined ? null : [Number(first), Number(last) + 1];
}
