// @ts-check
import { createHash } from "node:crypto";

/** The smallest unit to which chunks are aligned: that of every file up to 6.1 GiB. */
export const UNIT = 64 * 1024;

export const MIB = 1024 * 1024;

/**
 * Bytes that look random and are the same for the same seed (xorshift32).
 * @param {number} length
 * @param {number} [seed]
 */
export function randomBytes(length, seed = 1) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

/**
 * Numbers from 0 up to `below`, the same for the same seed (mulberry32).
 * @param {number} seed
 * @returns {(below: number) => number}
 */
export function seededRandom(seed) {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** @param {Uint8Array} bytes */
export const sha256Hex = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * The value of a `Content-Digest` header.
 * @param {Uint8Array} bytes
 */
export const contentDigest = (bytes) => `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`;
