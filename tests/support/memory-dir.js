// @ts-check
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tempDir } from "./temp-dir.js";

/**
 * A new empty folder in memory where there is room for `bytes`, else on disk; removed when this process exits. For files
 * of very many extents: some disks take milliseconds for each when such a file is removed.
 * @param {number} bytes
 */
export function memoryDir(bytes) {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    if (bavail * bsize < 2 * bytes) return tempDir("data");
  } catch {
    return tempDir("data");
  }
  const path = mkdtempSync("/dev/shm/upferry-data-");
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}
