// @ts-check
import { find, setText, show } from "./dom.js";

/**
 * Shows, at the top, what is wrong with the page as a whole.
 * @param {string} text
 * @param {string} [code]
 * @param {"error" | "calm"} [tone]
 */
export function showNotice(text, code = "", tone = "error") {
  const notice = find(document, "#notice");
  notice.dataset.code = code;
  notice.dataset.tone = tone;
  show(notice, true);
  setText(find(notice, "p"), text);
}

/**
 * Takes a notice away, if it is the one that is shown.
 * @param {string} code
 */
export function hideNotice(code) {
  const notice = find(document, "#notice");
  if (notice.dataset.code === code) show(notice, false);
}
