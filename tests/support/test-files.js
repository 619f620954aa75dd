// @ts-check
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, openSync, ftruncateSync, closeSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { targetDir } from "../../scripts/lib/paths.js";
import { MIB, randomBytes, sha256Hex } from "./bytes.js";
import { tempDir } from "./temp-dir.js";

/** @typedef {{path: string, size: number, sha256: string}} TestFile */

/**
 * A file with these bytes, in a folder of its own (so that two can have one name).
 * @param {string} name
 * @param {Uint8Array} bytes
 * @returns {TestFile}
 */
export function fileOf(name, bytes) {
  const path = join(tempDir("pick"), name);
  writeFileSync(path, bytes);
  return { path, size: bytes.length, sha256: sha256Hex(bytes) };
}

/** The large file: 300 MiB of random bytes, the same in every run, kept for the next. */
export function largeFile() {
  return kept("large.bin", 300 * MIB, 300);
}

/**
 * A file without data blocks: all zeros.
 * @param {string} name
 * @param {number} size
 */
export function sparseFile(name, size) {
  const path = join(tempDir("pick"), name);
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  closeSync(file);
  return { path, size };
}

/**
 * The SHA-256 of a file on disk.
 * @param {string} path
 */
export async function sha256OfFile(path) {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: MIB })) hash.update(part);
  return hash.digest("hex");
}

/**
 * @param {string} name
 * @param {number} size
 * @param {number} seed
 * @returns {TestFile}
 */
function kept(name, size, seed) {
  const folder = join(targetDir, "test-files");
  const path = join(folder, name);
  const digestPath = `${path}.sha256`;
  if (!existsSync(digestPath) || !existsSync(path) || statSync(path).size !== size) {
    mkdirSync(folder, { recursive: true });
    const bytes = randomBytes(size, seed);
    writeFileSync(`${path}.part`, bytes);
    renameSync(`${path}.part`, path);
    writeFileSync(digestPath, sha256Hex(bytes));
  }
  return { path, size, sha256: readFileSync(digestPath, "utf8") };
}
