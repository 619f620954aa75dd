// @ts-check
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** A failure that one sentence explains to the user: what is missing or went wrong, and what to do about it. */
export class Failure extends Error {}

/**
 * Runs a script's main function. A failure ends the process with its one sentence; only a bug shows a stack.
 * @param {() => Promise<unknown>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `upferry: ${error.message}` : error);
    process.exitCode = 1;
  }
}

/**
 * Whether this module is the script that node was asked to run, and not one that another script imports.
 * @param {string} url its `import.meta.url`
 */
export function isMain(url) {
  return process.argv[1] !== undefined && url === pathToFileURL(realpathSync(process.argv[1])).href;
}
