// @ts-check

/**
 * What a suite of tests came to.
 * @typedef {{passed: number, failed: number}} Count
 */

/**
 * The count of a suite that runs test programs. Whatever is not a pass is a failure: a skipped test, a program that
 * crashed or was stopped before it could count, and a suite that ran nothing.
 * @param {{passed: number, failed: number, skipped: number}} tests
 * @param {{code: number | null, timedOut: boolean}} end
 * @returns {Count}
 */
export function countTests({ passed, failed, skipped }, { code, timedOut }) {
  let wrong = "";
  if (timedOut) wrong = "the suite was stopped: its time limit has passed";
  else if (code !== 0 && failed === 0) wrong = `the suite ended with ${code === null ? "a signal" : `code ${code}`}`;
  else if (passed + failed + skipped === 0) wrong = "the suite ran no test";
  if (wrong) console.log(`test: ${wrong}, which counts as one failure`);
  if (skipped > 0) console.log(`test: ${skipped} skipped, which count as failed`);
  return { passed, failed: failed + skipped + (wrong ? 1 : 0) };
}
