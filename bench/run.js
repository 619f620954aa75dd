// @ts-check
// Measures the speed of uploads and the size of the package: npm run bench [-- --size 512MiB --rounds 5 --only upferry,fetch]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../scripts/build.js";
import { buildServer } from "../scripts/lib/build-server.js";
import { Failure, runMain } from "../scripts/lib/failure.js";
import { findChromium } from "../scripts/lib/find-browser.js";
import { root, targetDir } from "../scripts/lib/paths.js";
import { setup } from "../scripts/setup.js";
import { openBrowser } from "../tests/support/browser.js";
import { contenders, startContender } from "./contenders.js";
import { measureRounds } from "./measure.js";
import { parseOptions } from "./options.js";
import { makeRandomFile, sha256OfFile } from "./random-file.js";
import { summarise, toMarkdown, updateReadme } from "./report.js";
import { measureSizes } from "./size.js";

/** The share of the machine that others may use in a run whose figures stand in the README. */
const BUSY_LIMIT = 0.15;

await runMain(async () => {
  const flags = process.argv.slice(2);
  const options = parseOptions(flags);
  const chosen = choose(options.only);
  findChromium();
  await setup();
  await build();
  process.env.UPFERRY_SERVER_BIN = await buildServer();

  const path = join(targetDir, "bench", `random-${options.size}.bin`);
  await makeRandomFile(path, options.size);
  const file = { path, size: options.size, sha256: await sha256OfFile(path) };
  const sizes = await measureSizes();
  const measured = await measure(chosen, file, options.rounds);

  const results = summarise({
    ...measured,
    command: ["npm run bench", ...(flags.length > 0 ? ["--", ...flags] : [])].join(" "),
    file: { size: options.size, rounds: options.rounds },
    sizes,
  });
  const markdown = toMarkdown(results);
  console.log(`\n${markdown}\n`);
  writeFileSync(join(root, "bench/results.json"), `${JSON.stringify(results, null, 2)}\n`);
  const objection = objectionToReadme(options, results);
  if (!objection) updateReadme(join(root, "bench/README.md"), markdown);
  console.log(`bench/results.json is written; bench/README.md is ${objection ? `left alone: ${objection}` : "too"}.`);
});

/**
 * @param {import("./contenders.js").Contender[]} chosen
 * @param {{path: string, size: number, sha256: string}} file
 * @param {number} rounds
 */
async function measure(chosen, file, rounds) {
  // On the disk of the work tree: a system's /tmp may be in memory, where a sync costs nothing.
  const scratch = mkdtempSync(join(targetDir, "bench/run-"));
  /** @type {import("./measure.js").Entry[]} */
  const entries = [];
  try {
    for (const contender of chosen) entries.push({ contender, server: await startContender(contender, scratch) });
    const browser = await openBrowser();
    try {
      const capabilities = await browser.getCapabilities();
      const samples = await measureRounds(browser, entries, file, rounds, (text) => console.log(`bench: ${text}`));
      return { entries, samples, browser: `Chromium ${capabilities.getBrowserVersion()?.split(".")[0]}` };
    } finally {
      await browser.quit();
    }
  } finally {
    for (const { server } of entries) await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string[] | null} only */
function choose(only) {
  const unknown = only?.find((key) => !contenders.some((contender) => contender.key === key));
  if (unknown) throw new Failure(`there is no contender "${unknown}": they are ${contenders.map(({ key }) => key).join(", ")}.`);
  return contenders.filter(({ key }) => only === null || only.includes(key));
}

/**
 * Why the README keeps the figures it has, or null.
 * @param {import("./options.js").Options} options
 * @param {import("./report.js").Results} results
 */
function objectionToReadme(options, { busy }) {
  if (!options.isDefault) return "it takes a run with all contenders, the default size and at least the default rounds";
  return busy > BUSY_LIMIT ? `others used ${Math.round(busy * 100)} % of the machine` : null;
}
