// @ts-check
// A node:test reporter that writes how many tests ran, as JSON: {"passed", "failed", "skipped"}.

/**
 * @param {AsyncIterable<{type: string, data: any}>} source
 */
export default async function* countReporter(source) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    // A describe() is no test, and neither is a file that passes; a file that fails (a crash, no import) is reported as one.
    if (data.details?.type === "suite") continue;
    if (type === "test:pass" && data.name === data.file) continue;
    if (data.skip !== undefined || data.todo !== undefined) count.skipped += 1;
    else if (type === "test:pass") count.passed += 1;
    else count.failed += 1;
  }
  yield JSON.stringify(count);
}
