// @ts-check
import { readFileSync, readdirSync } from "node:fs";

/** The unit of /proc's times: USER_HZ, which is 100 on every Linux. */
const TICK_MS = 10;

/**
 * The processor time, in milliseconds, that processes and all below them have used so far.
 * @param {number[]} roots their ids
 */
export function processorTime(roots) {
  const processes = new Map(readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)).map((pid) => [Number(pid), stat(pid)]));
  let sum = 0;
  for (const [pid, found] of processes) {
    for (let at = pid; at > 0; at = processes.get(at)?.parent ?? 0) {
      if (!roots.includes(at)) continue;
      sum += found?.ms ?? 0;
      break;
    }
  }
  return sum;
}

/**
 * @param {string} pid
 * @returns {{parent: number, ms: number} | null} null when it has ended
 */
function stat(pid) {
  try {
    // The name, in parentheses, may hold spaces and parentheses itself; proc(5) counts what follows from field 3 on.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return { parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } catch {
    return null;
  }
}
