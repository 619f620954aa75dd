// @ts-check
import { parseArgs } from "node:util";
import { Failure } from "../scripts/lib/failure.js";

/** @type {Record<string, number>} */
const UNITS = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** What the README's figures are made with. */
export const DEFAULTS = { size: "512MiB", rounds: 5 };

/**
 * @typedef {object} Options
 * @property {number} size bytes of the file
 * @property {number} rounds that count, after one that does not
 * @property {string[] | null} only the keys of the contenders, null for all
 * @property {boolean} isDefault whether the figures may stand in the README
 */

/**
 * The flags of `npm run bench -- …`.
 * @param {string[]} args
 * @returns {Options}
 */
export function parseOptions(args) {
  const { size, rounds, only } = parse(args);
  const [, count, unit] = size.match(/^(\d+) ?(KiB|MiB|GiB)$/) ?? [];
  if (!count || Number(count) === 0) throw new Failure(`--size ${size}: a size is like 512MiB or 2GiB.`);
  if (!/^[1-9]\d*$/.test(rounds)) throw new Failure(`--rounds ${rounds}: a number of rounds is 1 or more.`);
  return {
    size: Number(count) * UNITS[unit],
    rounds: Number(rounds),
    only: only?.split(",") ?? null,
    isDefault: size === DEFAULTS.size && Number(rounds) >= DEFAULTS.rounds && !only,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        size: { type: "string", default: DEFAULTS.size },
        rounds: { type: "string", default: String(DEFAULTS.rounds) },
        only: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new Failure(`${/** @type {Error} */ (error).message}: the flags are --size 512MiB, --rounds 5, --only upferry,fetch.`);
  }
}
