// @ts-check
import { dropped } from "./dropped.js";
import { UploadError } from "./errors.js";

/**
 * What the wasm module can't do itself.
 * @type {import("../pkg/upferry.js").Host}
 */
export const host = {
  uploadError: (code, message, retryable, status, cause) => new UploadError(code, message, { retryable, status, cause }),

  dropped,

  // Bundlers look for exactly this expression.
  createWorker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
};
