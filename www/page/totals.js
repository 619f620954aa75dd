// @ts-check

/**
 * @typedef {import("./upload-row.js").UploadRow} UploadRow
 * @typedef {{files: number, saved: number, failed: number, confirmed: number, total: number, rate: number}} Totals
 *   `rate` in bytes per second, of what is being uploaded now
 */

/**
 * Adds files up; those that were given up do not count.
 * @param {Iterable<UploadRow>} rows
 * @returns {Totals}
 */
export function totalsOf(rows) {
  const totals = { files: 0, saved: 0, failed: 0, confirmed: 0, total: 0, rate: 0 };
  for (const { state, progress } of rows) {
    if (state === "cancelled") continue;
    totals.files += 1;
    totals.saved += Number(state === "complete");
    totals.failed += Number(state === "failed");
    totals.confirmed += progress.confirmed;
    totals.total += progress.total;
    if (state === "uploading") totals.rate += progress.speed ?? 0;
  }
  return totals;
}
