// @ts-check
import { MIB } from "../bytes.js";

/**
 * What went over the wire, and what has come of it.
 * @param {import("../wire-log.js").WireLog} wire
 * @param {import("./crowd.js").Crowd["ended"]} ended
 */
export function figuresOf(wire, ended) {
  const sentAgain = wire.violations().flatMap(({ kind, ranges }) => (kind === "sent again" ? ranges : []));
  return {
    uploads: ended.length,
    "of them empty": ended.filter(({ file }) => file.size === 0).length,
    "MiB of files": mib(sum(ended.map(({ file }) => file.size))),
    "MiB on the wire": mib(sum(wire.exchanges.map(({ bodyBytes }) => bodyBytes))),
    "bytes sent again after they were seen confirmed": sum(sentAgain.map(([start, end]) => end - start)),
    requests: wire.exchanges.length,
  };
}

/**
 * A run's figures, one line each.
 * @param {Map<string, number>} faults by kind
 * @param {Record<string, number>} figures
 */
export function table(faults, figures) {
  const byName = [...faults].sort(([a], [b]) => a.localeCompare(b));
  const rows = [...byName, ...Object.entries(figures)].map(([what, count]) => [what, String(count)]);
  const width = Math.max(...rows.map(([what]) => what.length));
  const countWidth = Math.max(...rows.map(([, count]) => count.length));
  return rows.map(([what, count]) => `${what.padEnd(width)}  ${count.padStart(countWidth)}`);
}

/**
 * What went over the wire about an upload whose promise was broken.
 * @param {import("../wire-log.js").WireLog} wire
 */
export function history(wire) {
  const [violation] = wire.violations();
  return violation ? describe(wire.exchanges.filter(({ id }) => id === violation.id)) : [];
}

/**
 * One line for each request; times in seconds.
 * @param {import("../wire-log.js").Exchange[]} exchanges
 */
export function describe(exchanges) {
  const seconds = (/** @type {number | null} */ ms) => (ms === null ? "-" : (ms / 1000).toFixed(3));
  return exchanges.map(({ method, path, range, status, beganAt, deliveredAt, endedAt }) =>
    `${seconds(beganAt)} ${method} ${path.slice(-9)} ${range ?? ""} ${status ?? "unanswered"}, seen ${seconds(deliveredAt)}, over ${seconds(endedAt)}`);
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {number} bytes */
const mib = (bytes) => Number((bytes / MIB).toFixed(1));
