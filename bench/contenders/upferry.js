// @ts-check
/** @typedef {import("./contender.js").Contender} Contender */

/** @type {import("../../js/index.js").Uploader} */
let uploader;

/** @type {Contender["load"]} */
export async function load() {
  // @ts-ignore: the package, where the bench serves it
  const { createUploader } = await import("./upferry/js/index.js");
  uploader = await createUploader({ endpoint: "/uploads" });
}

/** @type {Contender["upload"]} */
export async function upload(file, options) {
  const { uploadUrl } = await uploader.add(file, options).done;
  return uploadUrl;
}
