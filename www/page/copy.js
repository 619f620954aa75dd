// @ts-check
import { announce } from "./announce.js";
import { setText } from "./dom.js";

/** Whether the clipboard can be written: browsers allow it to secure origins only; elsewhere the text is selected by hand. */
export function canCopy() {
  return "clipboard" in navigator;
}

/**
 * Copies a text and says so on the button for a moment.
 * @param {HTMLElement} button
 * @param {string} text
 */
export async function copy(button, text) {
  const label = (button.dataset.label ??= button.textContent ?? "");
  const said = await navigator.clipboard.writeText(text).then(
    () => "Copied",
    () => "Copying is not allowed here",
  );
  setText(button, said);
  announce(`${said}.`);
  setTimeout(() => setText(button, label), SAID_MS);
}

const SAID_MS = 2000;
