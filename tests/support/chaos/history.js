// @ts-check

/** @typedef {import("../wire-log.js").Exchange} Exchange */

/**
 * What went over the wire, and what happened meanwhile, one line each; times in seconds.
 * @param {Exchange[]} exchanges
 * @param {{at: number, what: string}[]} notes
 */
export function history(exchanges, notes) {
  const lines = exchanges.map((exchange) => ({ at: exchange.beganAt, what: describe(exchange) }));
  const [first, last] = [exchanges[0], exchanges.at(-1)];
  if (!first || !last) return [];
  const meanwhile = notes.filter(({ at }) => at >= first.beganAt && at <= (last.endedAt ?? Infinity));
  return [...lines, ...meanwhile].sort((a, b) => a.at - b.at).map(({ at, what }) => `${seconds(at)} ${what}`);
}

/** @param {Exchange} exchange */
function describe({ method, path, range, status, deliveredAt, endedAt }) {
  return `  ${method} ${path} ${range ?? ""} ${status ?? "unanswered"}, seen ${seconds(deliveredAt)}, over ${seconds(endedAt)}`;
}

/** @param {number | null} ms */
const seconds = (ms) => (ms === null ? "-" : (ms / 1000).toFixed(3));
