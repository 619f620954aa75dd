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

const UPFERRY_PAGE = `import { createUploader } from ${JSON.stringify(join(root, "js/index.js"))}; globalThis.createUploader = createUploader;`;
const TUS_PAGE = `import { Upload } from "tus-js-client"; globalThis.Upload = Upload;`;

/** @returns {Promise<Package[]>} */
export async function measureSizes() {
  return [await weigh("Upferry", UPFERRY_PAGE), await weigh("tus-js-client", TUS_PAGE)];
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
    build: {
      write: false,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: { input: ENTRY, output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" } },
    },
  });
  const { output } = /** @type {import("vite").Rolldown.RolldownOutput} */ (Array.isArray(built) ? built[0] : built);
  const parts = output.map((file) => ({ name: file.fileName, ...sizeOf(file.type === "chunk" ? file.code : file.source) }));
  const loaded = parts.filter((part) => !part.name.includes("worker"));
  return {
    name,
    loaded,
    onDemand: parts.filter((part) => !loaded.includes(part)),
    total: loaded.reduce((sum, { raw, gzip, brotli }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip, brotli: sum.brotli + brotli }), {
      raw: 0,
      gzip: 0,
      brotli: 0,
    }),
  };
}

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
