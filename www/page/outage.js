// @ts-check
import { hideNotice, showNotice } from "./notice.js";

/** @typedef {import("./upload-list.js").UploadList} UploadList */

/**
 * Says so, calmly, while nothing moves because the server or the network is away: not at every hiccup, only when it
 * takes a while.
 * @param {UploadList} list
 */
export function watchOutage(list) {
  let since = 0;
  setInterval(() => {
    const rows = [...list.rows];
    const reason = rows.find(({ state }) => state === "waiting")?.reason;
    const isOut = reason !== undefined && !rows.some(({ state }) => state === "uploading");
    if (!isOut) {
      since = 0;
      hideNotice(CODE);
    } else if (since === 0) {
      since = performance.now();
    } else if (performance.now() - since > PATIENCE_MS) {
      showNotice(SENTENCES[reason ?? ""] ?? SENTENCES.retry, CODE, "calm");
    }
  }, LOOK_MS);
}

/** @type {Record<string, string>} */
const SENTENCES = {
  retry: "The server can't be reached, or does not take files just now. What is confirmed is safe, and the uploads go on by themselves.",
  offline: "There is no network. What is confirmed is safe, and the uploads go on by themselves.",
  auth: "The server asks for a sign-in. What is confirmed is safe; after the sign-in the uploads go on.",
};

const CODE = "outage";
const LOOK_MS = 500;
const PATIENCE_MS = 2500;
