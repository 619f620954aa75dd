// @ts-check
// The page's clock: it runs one upload of the picked file by the contender that its server serves as contender.js.
/** @type {import("./contender.js").Contender} */
// @ts-ignore: each contender's own file, under this name
import * as contender from "./contender.js";

const loading = performance.now();
const loaded = contender.load().then(() => performance.now() - loading);
// Whoever runs meets the failure.
loaded.catch(() => {});

/**
 * @param {object} options the variant of the contender
 */
async function run(options) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector("input"));
  const file = /** @type {FileList} */ (input.files)[0];
  const loadMs = await loaded;
  const start = performance.now();
  const url = await contender.upload(file, options);
  return { ms: performance.now() - start, loadMs, url };
}

/**
 * An error as text: the driver would take an error's own `code` for one of WebDriver's.
 * @param {any} error
 */
const told = (error) => {
  throw new Error(`${error.name} ${error.code ?? ""}: ${error.message}`);
};

// Called over WebDriver when a file has been picked.
Object.assign(globalThis, { run: (/** @type {object} */ options) => run(options).catch(told) });
