// @ts-check
// The page's clock: it runs one upload of the picked file by the contender that its server serves as contender.js.
/** @type {import("./contender.js").Contender} */
// @ts-ignore: each contender's own file, under this name
import * as contender from "./contender.js";

const loading = performance.now();
const started = contender.load().then(() => performance.now() - loading);

/**
 * Called over WebDriver when a file has been picked.
 * @param {object} options the variant of the contender
 */
async function run(options) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector("input"));
  const file = /** @type {FileList} */ (input.files)[0];
  const loadMs = await started;
  const start = performance.now();
  const url = await contender.upload(file, options);
  return { ms: performance.now() - start, loadMs, url };
}

Object.assign(globalThis, { run });
