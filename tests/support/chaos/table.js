// @ts-check
import { MIB } from "../bytes.js";

/**
 * A run's figures, one line each.
 * @param {Map<string, number>} faults
 * @param {Record<string, number>} figures
 */
export function table(faults, figures) {
  const rows = [...faults].sort(([a], [b]) => a.localeCompare(b)).map(([kind, count]) => [`fault: ${kind}`, String(count)]);
  rows.push(...Object.entries(figures).map(([what, count]) => [what, String(count)]));
  const width = Math.max(...rows.map(([what]) => what.length));
  const countWidth = Math.max(...rows.map(([, count]) => count.length));
  return rows.map(([what, count]) => `${what.padEnd(width)}  ${count.padStart(countWidth)}`);
}

/** @param {number} bytes */
export const mib = (bytes) => Number((bytes / MIB).toFixed(1));
