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

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {number} bytes */
const mib = (bytes) => Number((bytes / MIB).toFixed(1));
