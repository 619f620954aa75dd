// @ts-check
import { UploadError } from "./errors.js";

/** What the wasm module can't do itself. */
export const host = {
  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} retryable
   * @param {number | undefined} status
   * @param {unknown} cause
   */
  uploadError: (code, message, retryable, status, cause) => new UploadError(code, message, { retryable, status, cause }),

  // Bundlers look for exactly this expression.
  createWorker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
};
