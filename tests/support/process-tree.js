// @ts-check
import { readFileSync, readdirSync } from "node:fs";

/** @param {number} pid */
export function isAlive(pid) {
  const found = stat(pid);
  return found !== null && found.state !== "Z";
}

/**
 * The children of a process, and theirs.
 * @param {number} ancestor
 * @returns {number[]}
 */
export function descendants(ancestor) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = stat(Number(entry))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [];
  for (let queue = [ancestor]; queue.length > 0; ) {
    const next = queue.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
    queue = next;
  }
  return found;
}

/**
 * The processor time that the main thread of a process has had, in clock ticks; 0 when it has ended.
 * @param {number} pid
 */
export function mainThreadTicks(pid) {
  return stat(pid, `task/${pid}/`)?.ticks ?? 0;
}

/**
 * @param {number} pid
 * @param {string} [of] a folder of its threads
 * @returns {{state: string, parent: number, ticks: number} | null} null when it has ended
 */
function stat(pid, of = "") {
  try {
    // The name, in parentheses, may hold spaces and parentheses itself; the state and the parent follow it.
    const fields = readFileSync(`/proc/${pid}/${of}stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return { state: fields[0], parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}
