// @ts-check
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @type {string[]} */
const made = [];

/**
 * A new empty folder that is removed when this process exits (so that a test can still look into it after a stop).
 * @param {string} [label]
 */
export function tempDir(label = "test") {
  if (made.length === 0) process.once("exit", removeAll);
  const path = mkdtempSync(join(tmpdir(), `upferry-${label}-`));
  made.push(path);
  return path;
}

function removeAll() {
  for (const path of made) rmSync(path, { recursive: true, force: true });
}
