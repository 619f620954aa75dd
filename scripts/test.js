// @ts-check
// Builds and runs all tests, the cheapest first: npm test [-- suite ...]. Its last line is "N passed, N failed".
import { build } from "./build.js";
import { checkDependencies } from "./check-dependencies.js";
import { assembleDemo } from "./lib/assemble-demo.js";
import { buildServer } from "./lib/build-server.js";
import { format, hostTests, lint, wasmTests } from "./lib/cargo-suites.js";
import { Failure, runMain } from "./lib/failure.js";
import { engineTitles, findEngine } from "./lib/find-browser.js";
import { nodeTests, typeChecks } from "./lib/node-suites.js";
import { setup, setupLints } from "./setup.js";

/**
 * @typedef {import("./lib/count.js").Count & {leftOut?: string[]}} Count
 * @typedef {import("./lib/find-browser.js").EngineName} EngineName
 * @typedef {"module" | "server"} Need
 * @typedef {{about: string, needs?: Need[], engine?: EngineName, run: () => Promise<Count> | Count}} Suite
 */

const MINUTE = 60_000;

/** @type {Record<string, string>} what the tests learn from here */
const testEnv = {};

/** @type {Record<string, Suite>} */
const suites = {
  format: { about: "the format of the Rust code", run: format },
  dependencies: { about: "the layers of the architecture", run: checkDependencies },
  types: { about: "the types of the JavaScript code and of the package", needs: ["module"], run: typeChecks },
  lint: { about: "clippy", run: lint },
  rust: { about: "the Rust crates", run: () => hostTests(20 * MINUTE) },
  wasm: { about: "the wasm module in headless Chromium", engine: "chromium", run: () => wasmTests(10 * MINUTE) },
  package: {
    about: "the npm package, installed and used",
    needs: ["module", "server"],
    engine: "chromium",
    run: () => nodeTests("package", "tests/package", 5 * MINUTE, testEnv),
  },
  server: {
    about: "the server over real HTTP",
    needs: ["server"],
    run: () => nodeTests("server", "tests/server", 15 * MINUTE, testEnv),
  },
  e2e: endToEnd("e2e", "chromium"),
  "e2e-firefox": endToEnd("e2e-firefox", "firefox"),
  "e2e-webkit": endToEnd("e2e-webkit", "webkit"),
  chaos: {
    about: "the fault proxy, and what page and server bear of it",
    needs: ["module", "server"],
    engine: "chromium",
    run: () => nodeTests("chaos", "tests/chaos", 15 * MINUTE, testEnv),
  },
};

/**
 * @param {string} name
 * @param {EngineName} engine
 * @returns {Suite}
 */
function endToEnd(name, engine) {
  return {
    about: `page to disk in real ${engineTitles[engine]}`,
    needs: ["module", "server"],
    engine,
    run: () => nodeTests(name, "tests/e2e", 25 * MINUTE, { ...testEnv, UPFERRY_BROWSER: engine }),
  };
}

/** @type {Record<Need, () => Promise<void>>} */
const preparations = {
  async module() {
    await build();
    assembleDemo();
  },
  async server() {
    testEnv.UPFERRY_SERVER_BIN = await buildServer();
  },
};

await runMain(async () => {
  // Engines are looked for before the long wait for a build, not after it.
  const { chosen, notRun } = withEngines(choose(process.argv.slice(2)));

  /** @type {{step: string, seconds: number, count?: Count}[]} */
  const report = [];
  /**
   * @template T
   * @param {string} step
   * @param {() => Promise<T> | T} work
   */
  const timed = async (step, work) => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      report.push({ step, seconds: (performance.now() - start) / 1000 });
    }
  };

  await timed("setup", async () => {
    await setup();
    await setupLints();
  });
  /** @type {Map<Need, Promise<void>>} */
  const prepared = new Map();
  for (const [name, suite] of chosen) {
    try {
      for (const need of suite.needs ?? []) {
        if (!prepared.has(need)) prepared.set(need, timed(`build ${need}`, preparations[need]));
        await prepared.get(need);
      }
      console.log(`\n=== ${name}: ${suite.about}`);
      const count = await timed(name, suite.run);
      report[report.length - 1].count = count;
    } catch (error) {
      // A suite that could not run is one failure; the others go on.
      console.error(error instanceof Failure ? `upferry: ${error.message}` : error);
      report.push({ step: `${name} could not run`, seconds: 0, count: { passed: 0, failed: 1 } });
    }
  }
  finish(report, notRun);
});

/** @param {string[]} names */
function choose(names) {
  const unknown = names.find((name) => !Object.hasOwn(suites, name));
  if (unknown) throw new Failure(`there is no suite "${unknown}": the suites are ${Object.keys(suites).join(", ")}.`);
  return Object.entries(suites).filter(([name]) => names.length === 0 || names.includes(name));
}

/**
 * The suites whose engine is there. One that is missing is a failure, but for Firefox and WebKitGTK where somebody just runs
 * all tests: then its suites are named at the end.
 * @param {[string, Suite][]} suites
 */
function withEngines(suites) {
  const mayBeMissing = !process.env.CI && process.argv.length === 2;
  /** @type {string[]} */
  const notRun = [];
  const chosen = suites.filter(([name, { engine }]) => {
    try {
      if (engine) findEngine[engine]();
      return true;
    } catch (error) {
      if (!(error instanceof Failure) || !mayBeMissing || engine === "chromium") throw error;
      notRun.push(`${name}: ${error.message}`);
      return false;
    }
  });
  return { chosen, notRun };
}

/**
 * @param {{step: string, seconds: number, count?: Count}[]} report
 * @param {string[]} notRun
 */
function finish(report, notRun) {
  const width = Math.max(...report.map(({ step }) => step.length));
  console.log("");
  for (const { step, seconds, count } of report) {
    const tests = count ? `  ${count.passed} passed, ${count.failed} failed` : "";
    console.log(`${step.padEnd(width)} ${seconds.toFixed(1).padStart(8)} s${tests}`);
  }
  for (const { step, count } of report) {
    for (const test of count?.leftOut ?? []) console.log(`left out of ${step}: ${test}`);
  }
  for (const suite of notRun) console.log(`not run: ${suite}`);
  const total = { passed: 0, failed: 0 };
  for (const { count } of report) {
    total.passed += count?.passed ?? 0;
    total.failed += count?.failed ?? 0;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  if (total.failed > 0) process.exitCode = 1;
}
