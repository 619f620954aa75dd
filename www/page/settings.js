// @ts-check

/** @typedef {import("../upferry/js/index.js").UploaderOptions} UploaderOptions */

/**
 * The options of the page's uploader: the query may say others, for trying things out. What it does not name is left to
 * Upferry, which also checks what it does name.
 * @param {URLSearchParams} query
 * @returns {UploaderOptions}
 */
export function uploaderOptions(query) {
  /** @type {UploaderOptions} */
  const options = { endpoint: query.get("endpoint") ?? "/uploads" };
  const namespace = query.get("namespace");
  if (namespace !== null) options.namespace = namespace;
  for (const key of /** @type {const} */ (["chunkSize", "parallelChunks"])) {
    const value = query.get(key);
    if (value !== null) options[key] = value === "auto" ? value : Number(value);
  }
  return options;
}
