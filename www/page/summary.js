// @ts-check
import { byRole, find, setText, show } from "./dom.js";
import { bytes, duration, number, speed } from "./format.js";
import { paintSoon } from "./frame.js";
import { gathered } from "./gathered.js";
import { keepFocus } from "./keep-focus.js";
import { canPause, hasEnded } from "./row-buttons.js";
import { totalsOf } from "./totals.js";

/**
 * @typedef {import("../upferry/js/index.js").Uploader} Uploader
 * @typedef {import("./upload-list.js").UploadList} UploadList
 * @typedef {import("./totals.js").Totals} Totals
 */

const REFRESH_MS = 250;

/** All files in one line, with what can be done to all of them; there only when there are several. */
export class Summary {
  #element = find(document, "#summary");
  #bar = /** @type {HTMLProgressElement} */ (find(this.#element, "progress"));
  #list;

  /**
   * @param {Uploader} uploader
   * @param {UploadList} list
   */
  constructor(uploader, list) {
    this.#list = list;
    byRole(this.#element, "pause-all").addEventListener("click", () => uploader.pauseAll());
    byRole(this.#element, "resume-all").addEventListener("click", () => uploader.resumeAll());
    byRole(this.#element, "clear").addEventListener("click", () => {
      list.clearEnded();
      // At once: the focus can be handed on only as long as the button still has it.
      this.paint();
    });
  }

  /** Shows the present numbers, a few times a second at most. */
  refresh = gathered(() => paintSoon(this), REFRESH_MS);

  paint() {
    const change = () => {
      show(this.#element, this.#list.size > 1);
      this.#paintButtons();
    };
    const others = /** @type {NodeListOf<HTMLElement>} */ (this.#element.querySelectorAll("button"));
    keepFocus(this.#element, change, () => [...others, find(document, "#files")]);
    if (!this.#element.hidden) this.#paintTotals(totalsOf(this.#list.rows));
  }

  #paintButtons() {
    const rows = [...this.#list.rows];
    show(byRole(this.#element, "pause-all"), rows.some(({ state }) => canPause(state)));
    show(byRole(this.#element, "resume-all"), rows.some(({ state, reason }) => state === "paused" || reason === "auth"));
    show(byRole(this.#element, "clear"), rows.some(({ state }) => hasEnded(state)));
  }

  /** @param {Totals} totals */
  #paintTotals({ files, saved, failed, confirmed, total, rate }) {
    const counts = `${number(saved)} of ${number(files)} saved${failed > 0 ? `, ${number(failed)} failed` : ""}`;
    const amount = `${bytes(confirmed)} of ${bytes(total)}`;
    setText(byRole(this.#element, "counts"), counts);
    setText(byRole(this.#element, "bytes"), amount);
    setText(byRole(this.#element, "speed"), rate > 0 ? speed(rate) : "");
    setText(byRole(this.#element, "eta"), rate > 0 ? `${duration((total - confirmed) / rate)} left` : "");
    this.#bar.max = total || 1;
    this.#bar.value = total > 0 ? confirmed : Number(saved === files);
    this.#bar.setAttribute("aria-valuetext", `${counts}, ${amount} confirmed`);
  }
}
