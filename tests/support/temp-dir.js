// @ts-check
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A new empty folder that is removed when this process exits (so that a test can still look into it after a stop).
 * @param {string} [label]
 */
export function tempDir(label = "test") {
  const path = mkdtempSync(join(tmpdir(), `upferry-${label}-`));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
