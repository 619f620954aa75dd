// @ts-check
import { announce } from "./announce.js";
import { find, show } from "./dom.js";
import { gathered } from "./gathered.js";
import { InterruptedRow } from "./interrupted-row.js";
import { keepFocus } from "./keep-focus.js";

/**
 * @typedef {import("../upferry/js/index.js").Uploader} Uploader
 * @typedef {import("../upferry/js/index.js").Interrupted} Interrupted
 * @typedef {import("./upload-list.js").UploadList} UploadList
 */

const RECHECK_MS = 200;

/** The files that an earlier visit left unfinished. */
export class InterruptedList {
  /** @type {Map<string, InterruptedRow>} */
  #rows = new Map();
  #section = find(document, "#interrupted");
  #list = find(this.#section, "ul");
  #uploader;
  #uploads;
  #run = 0;
  #isLooking = false;

  /**
   * @param {Uploader} uploader
   * @param {UploadList} uploads where those that go on are listed
   */
  constructor(uploader, uploads) {
    this.#uploader = uploader;
    this.#uploads = uploads;
  }

  /** Looks what is left unfinished. */
  async refresh() {
    const run = ++this.#run;
    this.#isLooking = true;
    const found = await this.#uploader.interrupted().catch(() => null);
    // A later look knows more than this one.
    if (run !== this.#run) return;
    this.#isLooking = false;
    // Where the browser keeps nothing there is nothing to list.
    if (found === null) return;
    const gone = [...this.#rows.keys()].filter((id) => !found.some((interrupted) => interrupted.id === id));
    this.#change(() => {
      for (const id of gone) this.#remove(id);
      for (const interrupted of found) this.#put(interrupted);
    });
  }

  /** Looks again, soon, if a file that was just added can be one of these: where none are listed, none can be. */
  recheck() {
    if (this.#isLooking || this.#rows.size > 0) this.#refreshSoon();
  }

  #refreshSoon = gathered(() => void this.refresh(), RECHECK_MS);

  /** @param {Interrupted} interrupted */
  #put(interrupted) {
    const present = this.#rows.get(interrupted.id);
    if (present) return present.update(interrupted);
    const row = new InterruptedRow(interrupted, {
      over: () => this.#change(() => this.#remove(interrupted.id)),
      mistaken: (upload) => this.#uploads.drop(upload),
    });
    this.#rows.set(interrupted.id, row);
    this.#list.append(row.element);
    announce(`${row.name} was left unfinished by an earlier visit.`);
  }

  /** @param {string} id */
  #remove(id) {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
  }

  /** @param {() => void} change */
  #change(change) {
    const rows = [...this.#rows.values()].map(({ element }) => element);
    keepFocus(this.#list, change, () => [...rows, find(document, "#files")]);
    show(this.#section, this.#rows.size > 0);
  }
}
