// @ts-check
// The demo: puts together what page/ holds.
import { find } from "./page/dom.js";
import { acceptDrops } from "./page/drop-target.js";
import { printable } from "./page/file-name.js";
import { inSlices } from "./page/in-slices.js";
import { InterruptedList } from "./page/interrupted-list.js";
import { loadErrorInWords, moduleMissing } from "./page/load-error.js";
import { showNotice } from "./page/notice.js";
import { watchOutage } from "./page/outage.js";
import { uploaderOptions } from "./page/settings.js";
import { Summary } from "./page/summary.js";
import { UploadList } from "./page/upload-list.js";
import { errorInWords } from "./page/words.js";

/** @typedef {import("./upferry/js/index.js").Uploader} Uploader */

/** @type {Uploader | undefined} */
let started;

// Files that are chosen before the module is there wait for it.
const starting = start();
starting.catch((error) => {
  const { code, words } = loadErrorInWords(error);
  showNotice(words, code);
});

const input = /** @type {HTMLInputElement} */ (find(document, "#files"));
input.addEventListener("change", () => {
  const files = [...(input.files ?? [])];
  // So that the same file can be chosen once more.
  input.value = "";
  void add(files);
});
acceptDrops((dropped) => void addDropped(dropped));

/** @returns {Promise<Uploader>} */
async function start() {
  const { createUploader } = await import("./upferry/js/index.js").catch((cause) => Promise.reject(moduleMissing(cause)));
  const uploader = await createUploader(uploaderOptions(new URLSearchParams(location.search)));
  show(uploader);
  started = uploader;
  document.body.dataset.ready = "";
  return uploader;
}

/** @param {Uploader} uploader */
function show(uploader) {
  const list = new UploadList(uploader, () => summary.refresh());
  const summary = new Summary(uploader, list);
  const interrupted = new InterruptedList(uploader, list);
  void interrupted.refresh();
  watchOutage(list);
  uploader.on("rejected", ({ file, error }) => {
    const name = file instanceof File ? printable(file.name) : "This";
    showNotice(`“${name}” can't be uploaded: ${errorInWords(error)}`);
  });

  uploader.on("added", async ({ upload }) => {
    // A recognised file may be one of those left unfinished, or one that is being uploaded already.
    const recognised = await upload.ready.catch(() => upload);
    if (recognised !== upload) list.drop(upload);
    interrupted.recheck();
  });
}

/**
 * Where the module is there its folders are walked, too: what was dropped can be read in the event only.
 * @param {DataTransfer} dropped
 */
async function addDropped(dropped) {
  if (started) await started.addDropped(dropped);
  else await add([...dropped.files]);
}

/** @param {File[]} files */
async function add(files) {
  const uploader = await starting.catch(() => null);
  if (!uploader) return;
  await inSlices(files, (file) => {
    try {
      uploader.add(file);
    } catch {
      // It is told as `rejected`, as those of a drop are.
    }
  });
}
