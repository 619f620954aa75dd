// @ts-check
import { announce } from "./announce.js";
import { byRole, find, fromTemplate, setText, show } from "./dom.js";
import { printable, showName } from "./file-name.js";
import { ago, bytes, dateTime } from "./format.js";
import { codeOf, errorInWords } from "./words.js";

/**
 * @typedef {import("../upferry/js/index.js").Interrupted} Interrupted
 * @typedef {import("../upferry/js/index.js").Upload} Upload
 * @typedef {object} Listener
 * @property {() => void} over the file is unfinished no more, or goes on in the other list
 * @property {(upload: Upload) => void} mistaken an upload was begun with another file than this one
 */

/** One file that was left unfinished, and the ways on: resume it where the browser can open it again, choose it again, or discard it. */
export class InterruptedRow {
  element = fromTemplate("interrupted-row");
  /** @type {Interrupted} */
  #interrupted;
  #listener;

  /**
   * @param {Interrupted} interrupted
   * @param {Listener} listener
   */
  constructor(interrupted, listener) {
    this.#interrupted = interrupted;
    this.#listener = listener;
    this.name = printable(interrupted.name);
    this.element.dataset.interruptedId = interrupted.id;
    this.element.setAttribute("aria-label", this.name);
    showName(byRole(this.element, "name"), interrupted.name);
    this.#listen();
    this.update(interrupted);
  }

  /** @param {Interrupted} interrupted */
  update(interrupted) {
    this.#interrupted = interrupted;
    const { size, confirmed, canReopen } = interrupted;
    show(byRole(this.element, "resume"), canReopen);
    const updated = new Date(interrupted.updated);
    setText(byRole(this.element, "size"), bytes(size));
    const data = /** @type {HTMLDataElement} */ (byRole(this.element, "confirmed"));
    const words = confirmed === null ? "The server can't be asked just now" : `${bytes(confirmed)} confirmed`;
    data.value = confirmed === null ? "" : String(confirmed);
    setText(data, words);
    const time = /** @type {HTMLTimeElement} */ (byRole(this.element, "updated"));
    time.dateTime = updated.toISOString();
    time.title = dateTime(updated);
    setText(time, ago(updated));
    const bar = /** @type {HTMLProgressElement} */ (find(this.element, "progress"));
    bar.max = size || 1;
    bar.value = confirmed ?? 0;
    bar.setAttribute("aria-label", this.name);
    bar.setAttribute("aria-valuetext", words);
  }

  #listen() {
    const input = /** @type {HTMLInputElement} */ (byRole(this.element, "choose"));
    const resume = byRole(this.element, "resume");
    const discard = byRole(this.element, "discard");
    resume.setAttribute("aria-label", `Resume ${this.name}`);
    input.setAttribute("aria-label", `Choose this file again: ${this.name}`);
    discard.setAttribute("aria-label", `Discard ${this.name}`);
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      // So that the same one can be chosen once more.
      input.value = "";
      if (file) void this.#resume(file);
    });
    // The browser may ask for leave to read the file, which it does in a click only.
    resume.addEventListener("click", () => void this.#resume());
    discard.addEventListener("click", () => void this.#discard());
  }

  /** @param {File} [file] the one that was chosen; without it the browser opens it again */
  async #resume(file) {
    this.#showError("", "");
    /** @type {Upload | undefined} */
    let upload;
    try {
      upload = await this.#interrupted.resume(file);
      await upload.ready;
      this.#listener.over();
    } catch (error) {
      const code = codeOf(error);
      if (upload) this.#listener.mistaken(upload);
      const words = code === "file-mismatch" ? this.#mismatch(file) : errorInWords(error);
      this.#showError(words, code);
      announce(words);
    }
  }

  async #discard() {
    this.#showError("", "");
    try {
      await this.#interrupted.discard();
      this.#listener.over();
    } catch (error) {
      this.#showError(errorInWords(error), codeOf(error));
      announce(errorInWords(error));
    }
  }

  /** @param {File} [file] */
  #mismatch(file) {
    const { size } = this.#interrupted;
    if (!file) return `“${this.name}” has changed since. Choose a copy of it as it was, or add it at the top to upload it as it is now.`;
    if (printable(file.name) !== this.name) {
      return `“${printable(file.name)}” is not “${this.name}”. Choose “${this.name}” (${bytes(size)}), or add “${printable(file.name)}” at the top to upload it as well.`;
    }
    const sizes = bytes(file.size) === bytes(size) ? "" : ` It has ${bytes(file.size)} instead of ${bytes(size)}.`;
    return `This “${this.name}” has other content than the one that was left unfinished.${sizes} To upload it as a new file, add it at the top.`;
  }

  /**
   * @param {string} words
   * @param {string} code
   */
  #showError(words, code) {
    const line = byRole(this.element, "error");
    line.dataset.code = code;
    setText(line, words);
    show(line, words !== "");
  }
}
