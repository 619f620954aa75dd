// @ts-check
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "../scripts/lib/paths.js";

/**
 * @typedef {{raw: number, gzip: number, brotli: number}} Size bytes; gzip -9, brotli 11
 * @typedef {Size & {name: string}} Part
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {Part[]} loaded what every page loads before its first upload
 * @property {Part[]} onDemand what only some pages load
 * @property {Size} total of `loaded`
 */

/** The page whose build is weighed, and nothing else in it. */
const ENTRY = "bench:entry.js";

/** Loaded by a page that has no WebCrypto, as over plain http. */
const WORKER = "worker";

const UPFERRY_PAGE = `import { createUploader } from ${JSON.stringify(join(root, "js/index.js"))}; globalThis.createUploader = createUploader;`;
const TUS_PAGE = `import { Upload } from "tus-js-client"; globalThis.Upload = Upload;`;

/** @returns {Promise<Package[]>} */
export async function measureSizes() {
  const upferry = await weigh("Upferry", UPFERRY_PAGE);
  if (!upferry.loaded.some(({ name }) => name === "wasm module")) throw new Error("the built page has no wasm module");
  return [upferry, await weigh("tus-js-client", TUS_PAGE)];
}

/**
 * Builds a page with Vite, minified, as an application would, and weighs each file of the result.
 * @param {string} name
 * @param {string} source of the page's module
 * @returns {Promise<Package>}
 */
async function weigh(name, source) {
  const built = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    plugins: [
      {
        name: "bench-entry",
        resolveId: (id) => (id === ENTRY ? join(root, ENTRY) : null),
        load: (id) => (id === join(root, ENTRY) ? source : null),
      },
    ],
    worker: { format: "es" },
    build: { write: false, target: "es2022", assetsInlineLimit: 0, modulePreload: false, rolldownOptions: { input: ENTRY } },
  });
  const { output } = /** @type {import("vite").Rolldown.RolldownOutput} */ (Array.isArray(built) ? built[0] : built);
  const parts = output.map((file) => ({ name: nameOf(file.fileName), ...sizeOf(file.type === "chunk" ? file.code : file.source) }));
  const loaded = parts.filter((part) => part.name !== WORKER);
  return { name, loaded, onDemand: parts.filter((part) => part.name === WORKER), total: loaded.reduce(add, { raw: 0, gzip: 0, brotli: 0 }) };
}

/**
 * What a file of the built page is; a file that nobody expected is an error, not a wrong sum.
 * @param {string} fileName
 */
function nameOf(fileName) {
  if (/(^|\/)bench_entry-[^/]*\.js$/.test(fileName)) return "JavaScript";
  if (/(^|\/)worker-[^/]*\.js$/.test(fileName)) return WORKER;
  if (/(^|\/)upferry_bg-[^/]*\.wasm$/.test(fileName)) return "wasm module";
  throw new Error(`the built page has a file that the benchmark does not know: ${fileName}`);
}

/**
 * @param {Size} a
 * @param {Size} b
 * @returns {Size}
 */
const add = (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli });

/**
 * @param {string | Uint8Array} content
 * @returns {Size}
 */
function sizeOf(content) {
  const bytes = Buffer.from(content);
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).length,
  };
}
