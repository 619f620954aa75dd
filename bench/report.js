// @ts-check
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { BASELINE } from "./contenders.js";
import { median, medianRatio, speed } from "./measure.js";

/**
 * @typedef {object} Row a contender's speed
 * @property {string} key
 * @property {string} name
 * @property {number[]} speeds MiB/s, one a round
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number | null} ratio median of the rounds' ratios to the plain PUT; null where that did not take part
 * @property {number} loadMs median
 * @property {number} processorMs median, for each MiB
 *
 * @typedef {object} Results
 * @property {string} date
 * @property {string} command
 * @property {{cores: number, memoryGiB: number, browser: string, node: string}} machine
 * @property {{size: number, rounds: number}} file
 * @property {number} busy share of the machine that others used before the uploads, 0 to 1, on average
 * @property {Row[]} speed
 * @property {import("./size.js").Package[]} sizes
 */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

const BEGIN = "<!-- figures: npm run bench writes from here -->";
const END = "<!-- figures: to here -->";

/**
 * @param {object} run
 * @param {string} run.command
 * @param {string} run.browser
 * @param {{size: number, rounds: number}} run.file
 * @param {import("./measure.js").Entry[]} run.entries
 * @param {Map<string, import("./measure.js").Sample[]>} run.samples
 * @param {import("./size.js").Package[]} run.sizes
 * @returns {Results}
 */
export function summarise({ command, browser, file, entries, samples, sizes }) {
  const of = (/** @type {string} */ key) => samples.get(key) ?? [];
  const speeds = (/** @type {string} */ key) => of(key).map(({ ms }) => speed(file.size, ms));
  const baseline = speeds(BASELINE);
  const all = [...samples.values()].flat();
  return {
    date: new Date().toISOString(),
    command,
    machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / GIB), browser, node: process.versions.node },
    file,
    busy: all.reduce((sum, { busy }) => sum + busy, 0) / all.length,
    speed: entries.map(({ contender: { key, name } }) => ({
      key,
      name,
      speeds: speeds(key),
      median: median(speeds(key)),
      min: Math.min(...speeds(key)),
      max: Math.max(...speeds(key)),
      ratio: baseline.length > 0 ? medianRatio(speeds(key), baseline) : null,
      loadMs: median(of(key).map(({ loadMs }) => loadMs)),
      processorMs: median(of(key).map(({ processorMs }) => processorMs)) / (file.size / MIB),
    })),
    sizes,
  };
}

/** @param {Results} results */
export function toMarkdown(results) {
  const { date, command, machine, file, busy } = results;
  return `${date.slice(0, 10)}, \`${command}\`: one file of ${file.size / MIB} MiB, ${file.rounds} rounds, ${machine.cores} cores, ${machine.memoryGiB} GiB,
${machine.browser}, Node ${machine.node}; others used ${Math.round(busy * 100)} % of the machine.

${speedTable(results.speed)}

${standing(results.speed)}

${sizeTable(results.sizes)}`;
}

/**
 * Puts the figures into the README, between its two marks.
 * @param {string} path
 * @param {string} markdown
 */
export function updateReadme(path, markdown) {
  const text = readFileSync(path, "utf8");
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${path} has lost its marks "${BEGIN}" and "${END}"`);
  writeFileSync(path, `${before}${BEGIN}\n\n${markdown}\n\n${END}${after}`);
}

/** @param {Row[]} rows */
function speedTable(rows) {
  return table(
    ["upload of one file", "MiB/s, median", "min–max", "of the plain PUT", "processor, ms a MiB", "loading before, ms"],
    rows.map((row) => [
      row.name,
      row.median.toFixed(0),
      `${row.min.toFixed(0)}–${row.max.toFixed(0)}`,
      row.ratio === null ? "" : `${row.ratio.toFixed(2)} ×`,
      row.processorMs.toFixed(1),
      row.loadMs.toFixed(0),
    ]),
  );
}

/**
 * Where Upferry stands, in a sentence.
 * @param {Row[]} rows
 */
function standing(rows) {
  const own = rows.find(({ key }) => key === "upferry");
  if (!own) return "";
  const shares = rows
    .filter((row) => row !== own)
    .map((row) => `${medianRatio(own.speeds, row.speeds).toFixed(2)} × that of ${row.name.replace(/,.*/, "")}`);
  return `Upferry's speed, with each chunk hashed at both ends and synced to disk before it is confirmed, is ${shares.join("; ")}.`;
}

/** @param {import("./size.js").Package[]} packages */
function sizeTable(packages) {
  const row = (/** @type {string} */ name, /** @type {import("./size.js").Size} */ { raw, gzip, brotli }) => [name, ...[raw, gzip, brotli].map(thousands)];
  return table(
    ["size, bytes", "raw", "gzip -9", "brotli 11"],
    packages.flatMap(({ name, loaded, onDemand, total }) => [
      ...(loaded.length > 1 ? loaded.map((part) => row(`${name}: ${part.name}`, part)) : []),
      row(`**${name}, what a page loads**`, total),
      ...onDemand.map((part) => row(`${name}, only where it is needed: ${part.name}`, part)),
    ]),
  );
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(head), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

/** @param {number} bytes */
const thousands = (bytes) => bytes.toLocaleString("en");
