// @ts-check
import { byRole, find, fromTemplate, setText, show } from "./dom.js";
import { printable, showName } from "./file-name.js";
import { bytes, duration, percent, speed } from "./format.js";
import { paintSoon } from "./frame.js";
import { gathered } from "./gathered.js";
import { keepFocus } from "./keep-focus.js";
import { canCopy } from "./copy.js";
import { BUTTONS, buttonsOf, heirsOf } from "./row-buttons.js";
import { codeOf, errorInWords, stateInWords } from "./words.js";

/**
 * @typedef {import("../upferry/js/index.js").Upload} Upload
 * @typedef {import("../upferry/js/index.js").UploadState} UploadState
 * @typedef {import("../upferry/js/index.js").Progress} Progress
 * @typedef {{digest: string | null, contentUrl: string}} Stored
 */

/** How often numbers may change: faster ones can't be read. */
const TEXT_MS = 250;

/** One file of the list: what is known about its upload, and the element that shows it from the first paint on. */
export class UploadRow {
  /** @type {HTMLElement | null} */
  element = null;
  /** @type {UploadState} */
  state;
  /** @type {string | null} why it waits */
  reason = null;
  /** @type {Progress} */
  progress;
  /** @type {unknown} what went wrong, or null */
  error = null;
  /** @type {Stored | null} */
  stored = null;

  /** @type {HTMLElement} */
  #parent;
  #removed = false;
  #textsAt = -Infinity;
  #shownState = "";
  #paintLater = gathered(() => paintSoon(this), TEXT_MS);

  /**
   * @param {Upload} upload
   * @param {HTMLElement} parent gets the element
   */
  constructor(upload, parent) {
    this.upload = upload;
    this.state = upload.state;
    this.progress = upload.progress;
    this.#parent = parent;
    paintSoon(this);
  }

  /** How much of the file is confirmed, 0 to 1. */
  get part() {
    const { confirmed, total } = this.progress;
    if (total > 0) return confirmed / total;
    return this.state === "complete" ? 1 : 0;
  }

  /**
   * Takes another state on. What went wrong is forgotten once it is tried again.
   * @param {UploadState} state
   * @param {string | null} reason
   */
  turn(state, reason) {
    if ((this.state === "failed" && state !== "failed") || state === "complete") this.error = null;
    this.state = state;
    this.reason = reason;
  }

  /** Takes the element out; the upload is not touched. */
  remove() {
    this.#removed = true;
    this.element?.remove();
  }

  /** @param {number} now */
  paint(now) {
    if (this.#removed) return;
    const element = (this.element ??= this.#create());
    this.#paintBar(element);
    if (this.#shownState !== `${this.state} ${this.reason}`) {
      this.#shownState = `${this.state} ${this.reason}`;
      this.#textsAt = -Infinity;
      this.#paintState(element);
    }
    this.#paintWords(element);
    this.#paintStored(element);
    if (now - this.#textsAt >= TEXT_MS) {
      this.#textsAt = now;
      this.#paintNumbers(element);
    } else {
      this.#paintLater();
    }
    if (!element.isConnected) this.#parent.append(element);
  }

  #create() {
    const element = fromTemplate("upload-row");
    const { id, name, size } = this.upload;
    element.dataset.uploadId = id;
    element.setAttribute("aria-label", printable(name));
    showName(byRole(element, "name"), name);
    setText(byRole(element, "size"), bytes(size));
    for (const role of BUTTONS) {
      const button = byRole(element, role);
      button.setAttribute("aria-label", `${button.textContent} ${printable(name)}`);
    }
    const bar = /** @type {HTMLProgressElement} */ (find(element, "progress"));
    bar.max = size || 1;
    bar.setAttribute("aria-label", printable(name));
    return element;
  }

  /** @param {HTMLElement} element */
  #paintBar(element) {
    const bar = /** @type {HTMLProgressElement} */ (find(element, "progress"));
    const { confirmed, total } = this.progress;
    const value = total > 0 ? confirmed : this.part;
    if (bar.value !== value) bar.value = value;
  }

  /** @param {HTMLElement} element */
  #paintState(element) {
    element.dataset.state = this.state;
    if (this.reason) element.dataset.reason = this.reason;
    else delete element.dataset.reason;
    const shown = buttonsOf(this.state);
    const change = () => {
      for (const role of BUTTONS) show(byRole(element, role), shown.includes(role));
    };
    keepFocus(element, change, (vanished) => heirsOf(element, vanished));
  }

  /** @param {HTMLElement} element */
  #paintWords(element) {
    const words = stateInWords(this.state, this.reason);
    setText(find(element, "[data-role=state] > span"), this.error === null ? words : `${words}: `);
    const line = byRole(element, "error");
    show(line, this.error !== null);
    setText(line, this.error === null ? "" : errorInWords(this.error));
    line.dataset.code = this.error === null ? "" : codeOf(this.error);
  }

  /** @param {HTMLElement} element */
  #paintStored(element) {
    const part = find(element, ".stored");
    if (!this.stored || !part.hidden) return;
    const { digest, contentUrl } = this.stored;
    const link = /** @type {HTMLAnchorElement} */ (byRole(element, "link"));
    link.href = contentUrl;
    setText(byRole(element, "digest"), digest ?? "not known");
    show(byRole(element, "copy"), digest !== null && canCopy());
    show(part, true);
  }

  /** @param {HTMLElement} element */
  #paintNumbers(element) {
    const { confirmed, total, speed: rate, eta } = this.progress;
    const moving = this.state === "uploading";
    const unfinished = !["complete", "cancelled"].includes(this.state);
    setText(byRole(element, "speed"), moving && rate ? speed(rate) : "");
    setText(byRole(element, "eta"), moving && eta !== null && rate ? `${duration(eta)} left` : "");
    setText(byRole(element, "percent"), percent(this.part));
    const data = /** @type {HTMLDataElement} */ (byRole(element, "confirmed"));
    data.value = String(confirmed);
    setText(data, unfinished && confirmed > 0 ? `${bytes(confirmed)} confirmed` : "");
    const words = `${percent(this.part)}, ${bytes(confirmed)} of ${bytes(total)} confirmed`;
    find(element, "progress").setAttribute("aria-valuetext", words);
  }
}
