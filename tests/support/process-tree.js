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
 * @param {number} pid
 * @returns {{state: string, parent: number} | null} null when it has ended
 */
function stat(pid) {
  try {
    // The name, in parentheses, may hold spaces and parentheses itself; the state and the parent follow it.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ", 2);
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
