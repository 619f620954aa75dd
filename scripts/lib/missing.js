// @ts-check

/** Something that only the user can provide is not there; the message is one sentence: what, and how to get it. */
export class Missing extends Error {}

/**
 * Runs a script's main function. A failure ends the process with one sentence; only a bug shows a stack.
 * @param {() => Promise<unknown>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Missing ? `upferry: ${error.message}` : error);
    process.exitCode = 1;
  }
}
