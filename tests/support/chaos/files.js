// @ts-check
import { MIB, UNIT, randomBytes } from "../bytes.js";
import { fileOf, largeFile } from "../test-files.js";

/** @typedef {import("../test-files.js").TestFile} TestFile */

/** The disk takes each byte twice. */
const MOST_BYTES = 1200 * MIB;

/**
 * Files of all sizes, as many as are asked for: those first that are special, the large one among them.
 * @param {(below: number) => number} random
 * @returns {Generator<TestFile, never>}
 */
export function* files(random) {
  let bytes = largeFile().size;
  yield largeFile();
  for (let number = 0; ; number++) {
    const size = [0, UNIT, 3 * MIB + 1, 1, 2 * UNIT + 5][number] ?? sizeOf(random, MOST_BYTES - bytes);
    bytes += size;
    yield fileOf(`file-${number}.bin`, randomBytes(size, 1 + random(2 ** 30)));
  }
}

/**
 * @param {(below: number) => number} random
 * @param {number} left
 */
function sizeOf(random, left) {
  const most = [MIB, 4 * MIB, 24 * MIB, 24 * MIB, 100 * MIB][random(5)];
  return random(Math.min(most, Math.max(left, MIB)));
}
