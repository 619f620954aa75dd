// @ts-check
import { find, setText } from "./dom.js";
import { printable } from "./file-name.js";
import { number } from "./format.js";
import { gathered } from "./gathered.js";

/** @typedef {"started" | "saved" | "failed"} Happening */

/**
 * Tells users of a screen reader what happened to a file: start, end and errors, nothing in between. What happens to
 * several files at about the same time is told as one.
 * @param {Happening} happening
 * @param {string} name
 * @param {string} [detail]
 */
export function announceFile(happening, name, detail = "") {
  happened[happening].push({ name: printable(name), detail });
  soon();
}

/**
 * Says a sentence.
 * @param {string} sentence
 */
export function announce(sentence) {
  sentences.push(sentence);
  soon();
}

const soon = gathered(tell, 600);

function tell() {
  const parts = sentences.splice(0);
  for (const [happening, one, several] of TELLING) {
    const files = happened[happening].splice(0);
    if (files.length === 1) parts.push(one(files[0].name, files[0].detail));
    else if (files.length > 1) parts.push(several(number(files.length)));
  }
  const live = find(document, "#live");
  const text = parts.join(" ");
  // The same words again are no change, and would not be read.
  setText(live, live.textContent === text ? `${text}\u00a0` : text);
}

/** @type {[Happening, (name: string, detail: string) => string, (count: string) => string][]} */
const TELLING = [
  ["started", (name) => `Uploading ${name}.`, (count) => `Uploading ${count} files.`],
  ["saved", (name) => `${name} is saved.`, (count) => `${count} files are saved.`],
  ["failed", (name, detail) => `${name} failed: ${detail}`, (count) => `${count} files failed.`],
];

/** @type {Record<Happening, {name: string, detail: string}[]>} */
const happened = { started: [], saved: [], failed: [] };

/** @type {string[]} */
const sentences = [];
