// @ts-check

/** @typedef {import("../upferry/js/index.js").UploadState} UploadState */

/**
 * A state in words.
 * @param {UploadState} state
 * @param {string | null} reason why it waits
 */
export function stateInWords(state, reason) {
  return state === "waiting" ? (WAITS[reason ?? ""] ?? WAITS.retry) : STATES[state];
}

/**
 * Anything thrown, in words.
 * @param {unknown} error
 */
export function errorInWords(error) {
  return error instanceof Error && error.message ? error.message : `Something went wrong: ${error}`;
}

/**
 * The code of an error of Upferry's, or the name of another one.
 * @param {unknown} error
 */
export function codeOf(error) {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return "name" in error && typeof error.name === "string" ? error.name : "";
}

/** @type {Record<Exclude<UploadState, "waiting">, string>} */
const STATES = {
  queued: "Queued",
  checking: "Checking the file",
  uploading: "Uploading",
  paused: "Paused",
  completing: "Saving",
  complete: "Saved",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** @type {Record<string, string>} */
const WAITS = {
  retry: "Waiting to try again",
  offline: "Waiting for the network",
  auth: "Waiting for a sign-in",
  "other-tab": "Waiting: another tab is uploading this file",
};
