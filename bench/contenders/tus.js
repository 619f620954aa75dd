// @ts-check
/** @typedef {import("./contender.js").Contender} Contender */

/** @type {typeof import("tus-js-client")} */
let tus;

/** @type {Contender["load"]} */
export async function load() {
  // @ts-ignore: the package's own bundle for pages, which sets a global
  await import("./tus.min.js");
  ({ tus } = /** @type {any} */ (globalThis));
}

/** @type {Contender["upload"]} */
export function upload(file, options) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(file, {
      endpoint: "/files",
      metadata: { filename: file.name },
      onSuccess: () => resolve(String(upload.url)),
      onError: reject,
      ...options,
    });
    upload.start();
  });
}
