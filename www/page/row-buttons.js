// @ts-check

/**
 * @typedef {import("../upferry/js/index.js").UploadState} UploadState
 * @typedef {"pause" | "resume" | "retry" | "cancel" | "remove"} Button
 */

/** @type {readonly Button[]} */
export const BUTTONS = ["pause", "resume", "retry", "cancel", "remove"];

/**
 * The buttons that make sense in a state.
 * @param {UploadState} state
 */
export function buttonsOf(state) {
  return SHOWN[state];
}

/** @param {UploadState} state */
export function hasEnded(state) {
  return SHOWN[state].includes("remove");
}

/** @param {UploadState} state */
export function canPause(state) {
  return SHOWN[state].includes("pause");
}

/**
 * Who gets the focus when a button of a row vanishes: the one that undoes it, else the row itself. Never "Remove": who
 * presses "Cancel" twice, or "Pause" in the moment in which the file is saved, means something else.
 * @param {HTMLElement} row
 * @param {Element} vanished
 */
export function heirsOf(row, vanished) {
  const role = vanished instanceof HTMLElement ? (vanished.dataset.role ?? "") : "";
  const buttons = (HEIRS[role] ?? []).map((heir) => row.querySelector(`[data-role="${heir}"]`));
  return [...buttons, row].filter((element) => element instanceof HTMLElement);
}

/** @type {Record<UploadState, readonly Button[]>} */
const SHOWN = {
  queued: ["pause", "cancel"],
  checking: ["pause", "cancel"],
  uploading: ["pause", "cancel"],
  waiting: ["pause", "retry", "cancel"],
  paused: ["resume", "cancel"],
  // The server has all bytes and refuses both by now.
  completing: [],
  complete: ["remove"],
  failed: ["retry", "remove"],
  cancelled: ["remove"],
};

/** @type {Record<string, Button[]>} */
const HEIRS = {
  pause: ["resume", "retry"],
  resume: ["pause"],
  retry: ["pause"],
};
