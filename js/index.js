// @ts-check
import { makeUploader } from "../pkg/upferry.js";
import { host } from "./host.js";
import { load } from "./load.js";

export { Interrupted, Upload, Uploader } from "../pkg/upferry.js";
export { UploadError } from "./errors.js";

/**
 * Makes an uploader; the first call loads the wasm module.
 * @param {import("./index.js").UploaderOptions} options
 * @returns {Promise<import("./index.js").Uploader>}
 */
export async function createUploader(options) {
  await load();
  return makeUploader(options, host);
}
