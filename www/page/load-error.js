// @ts-check
import { codeOf, errorInWords } from "./words.js";

/**
 * Why the page can't upload anything, and what to do about it.
 * @param {unknown} error what loading the module, or making the uploader, threw
 */
export function loadErrorInWords(error) {
  const code = codeOf(error);
  const words = WORDS[code];
  if (words) return { code, words };
  if (!("WebAssembly" in globalThis)) return { code: "unsupported", words: WORDS.unsupported };
  return { code: code || "error", words: `Uploading is not possible: ${errorInWords(error)}` };
}

/**
 * An error for a module that did not come: browsers say no more about it than that.
 * @param {unknown} cause
 */
export function moduleMissing(cause) {
  return Object.assign(new Error("The module did not load.", { cause }), { code: "module-missing" });
}

/** @type {Record<string, string>} */
const WORDS = {
  "wasm-blocked":
    "This page's Content-Security-Policy keeps WebAssembly from running. Its script-src needs 'wasm-unsafe-eval'.",
  unsupported: "This browser is too old to upload files here: it lacks WebAssembly with SIMD. Please use a newer one.",
  network: "The server did not answer while the page was loading. Check the connection, then reload the page.",
  "module-missing": "A part of this page could not be loaded. Check the connection to the server, then reload the page.",
};
