// @ts-check
import { announceFile } from "./announce.js";
import { copy } from "./copy.js";
import { find, show } from "./dom.js";
import { paintSoon } from "./frame.js";
import { keepFocus } from "./keep-focus.js";
import { hasEnded } from "./row-buttons.js";
import { UploadRow } from "./upload-row.js";
import { errorInWords } from "./words.js";

/**
 * @typedef {import("../upferry/js/index.js").Uploader} Uploader
 * @typedef {import("../upferry/js/index.js").Upload} Upload
 */

/** From here on rows out of sight are left out of the layout, at the price that nothing can ask for their visible text. */
const MANY = 50;

/** The files of this visit, in the order in which they were added. */
export class UploadList {
  /** @type {Map<Upload, UploadRow>} */
  #rows = new Map();
  #section = find(document, "#uploads");
  #list = find(this.#section, "ul");
  /** @type {() => void} */
  #changed;

  /**
   * @param {Uploader} uploader
   * @param {() => void} changed called whenever anything about any row is different
   */
  constructor(uploader, changed) {
    this.#changed = changed;
    uploader.on("added", ({ upload }) => this.#add(upload));
    uploader.on("progress", ({ upload, ...progress }) => this.#update(upload, (row) => (row.progress = progress)));
    uploader.on("state", ({ upload, state, reason }) => this.#update(upload, (row) => row.turn(state, reason)));
    uploader.on("complete", ({ upload, ...stored }) => this.#update(upload, (row) => (row.stored = stored)));
    uploader.on("error", ({ upload, error }) => this.#update(upload, (row) => (row.error = error)));
    this.#announce(uploader);
    this.#list.addEventListener("click", (event) => this.#press(event));
  }

  /** @returns {Iterable<UploadRow>} */
  get rows() {
    return this.#rows.values();
  }

  get size() {
    return this.#rows.size;
  }

  /**
   * Takes a file out of the list; the upload itself is not touched.
   * @param {Upload} upload
   */
  drop(upload) {
    const row = this.#rows.get(upload);
    if (row) this.#remove([row]);
  }

  /** Takes away what has ended. */
  clearEnded() {
    this.#remove([...this.rows].filter((row) => hasEnded(row.state)));
  }

  /** @param {Upload} upload */
  #add(upload) {
    if (this.#rows.has(upload)) return;
    this.#rows.set(upload, new UploadRow(upload, this.#list));
    this.#resized();
  }

  /**
   * @param {Upload} upload
   * @param {(row: UploadRow) => void} change
   */
  #update(upload, change) {
    const row = this.#rows.get(upload);
    if (!row) return;
    change(row);
    paintSoon(row);
    this.#changed();
  }

  /** @param {UploadRow[]} rows */
  #remove(rows) {
    for (const row of rows) this.#rows.delete(row.upload);
    const change = () => {
      for (const row of rows) row.remove();
    };
    keepFocus(this.#list, change, (vanished) => this.#neighbours(vanished));
    this.#resized();
  }

  #resized() {
    show(this.#section, this.size > 0);
    this.#list.classList.toggle("many", this.size > MANY);
    this.#changed();
  }

  /**
   * The rows after the one that vanishes, then those before it, the nearest first.
   * @param {Element} vanished
   */
  *#neighbours(vanished) {
    const row = vanished.closest("li");
    for (let next = row?.nextElementSibling; next; next = next.nextElementSibling) yield /** @type {HTMLElement} */ (next);
    for (let last = row?.previousElementSibling; last; last = last.previousElementSibling) yield /** @type {HTMLElement} */ (last);
    yield find(document, "#files");
  }

  /** @param {Uploader} uploader */
  #announce(uploader) {
    /** @type {WeakSet<Upload>} */
    const started = new WeakSet();
    uploader.on("state", ({ upload, state }) => {
      if (state !== "uploading" || started.has(upload)) return;
      started.add(upload);
      announceFile("started", upload.name);
    });
    uploader.on("complete", ({ upload }) => announceFile("saved", upload.name));
    // An upload that can't be remembered goes on all the same.
    uploader.on("error", ({ upload, error }) => {
      if (upload.state === "failed") announceFile("failed", upload.name, errorInWords(error));
    });
  }

  /** @param {Event} event */
  async #press(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    const id = button?.closest("li")?.dataset.uploadId;
    const row = [...this.rows].find(({ element }) => element?.dataset.uploadId === id);
    if (!button || !row) return;
    try {
      await this.#act(button, row);
    } catch (error) {
      this.#update(row.upload, () => (row.error = error));
    }
  }

  /**
   * @param {HTMLElement} button
   * @param {UploadRow} row
   */
  async #act(button, row) {
    switch (button.dataset.role) {
      case "pause":
        return row.upload.pause();
      case "resume":
        return row.upload.resume();
      case "retry":
        // One that waits needs no more than not to wait any longer.
        return row.state === "waiting" ? row.upload.resume() : row.upload.retry();
      case "cancel":
        return row.upload.cancel();
      case "remove":
        return this.#remove([row]);
      case "copy":
        return copy(button, row.stored?.digest ?? "");
    }
  }
}
