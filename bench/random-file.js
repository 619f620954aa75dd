// @ts-check
import { createHash, randomFillSync } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Makes a file of random bytes, unless an earlier run has.
 * @param {string} path
 * @param {number} size bytes
 */
export async function makeRandomFile(path, size) {
  if (existsSync(path) && statSync(path).size === size) return;
  mkdirSync(dirname(path), { recursive: true });
  // Renamed when it is whole: neither a run that is interrupted here nor one beside this one meets a short file.
  const part = `${path}.${process.pid}.part`;
  await pipeline(Readable.from(randomPieces(size)), createWriteStream(part));
  renameSync(part, path);
}

/** @param {string} path */
export async function sha256OfFile(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

/** @param {number} size */
function* randomPieces(size) {
  for (let left = size; left > 0; left -= PIECE_BYTES) yield randomFillSync(Buffer.alloc(Math.min(left, PIECE_BYTES)));
}
