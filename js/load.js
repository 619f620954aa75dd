// @ts-check
import init from "../pkg/upferry.js";
import { UploadError } from "./errors.js";

/** The shortest module there is: a page that may not compile it may compile none. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** A function that makes a SIMD vector: `(func (drop (v128.const i64x2 0 0)))`. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 23, 1, 21, 0, 0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0b],
);

/** @type {Promise<void> | undefined} */
let loading;

/**
 * Loads the wasm module, once. A failure is forgotten, so that the next call tries again.
 * @returns {Promise<void>}
 */
export function load() {
  loading ??= start().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start() {
  const missing = ["WebAssembly", "fetch", "Blob", "AbortController"].find((name) => !(name in globalThis));
  if (missing) {
    throw new UploadError("unsupported", `This browser has no ${missing}, which uploads need. Use a current browser.`);
  }
  // Validation is not subject to the page's CSP, so this is the browser's doing alone.
  if (!WebAssembly.validate(SIMD_MODULE)) {
    throw new UploadError("unsupported", "This browser has WebAssembly without SIMD, which uploads need. Use a current browser.");
  }
  try {
    // Bundlers look for exactly this expression.
    await init({ module_or_path: new URL("../pkg/upferry_bg.wasm", import.meta.url) });
  } catch (cause) {
    throw mayCompile() ? notLoaded(cause) : blocked(cause);
  }
}

function mayCompile() {
  try {
    return new WebAssembly.Module(EMPTY_MODULE) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/** @param {unknown} cause */
function blocked(cause) {
  const message =
    "The page's Content-Security-Policy does not allow WebAssembly: script-src 'wasm-unsafe-eval' is missing from it.";
  return new UploadError("wasm-blocked", message, { cause });
}

/** @param {unknown} cause */
function notLoaded(cause) {
  const message = "upferry_bg.wasm could not be loaded. Check the connection, and that the server has the file, and try again.";
  return new UploadError("network", message, { retryable: true, cause });
}
