// @ts-check
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../scripts/lib/paths.js";
import { startServer } from "../tests/support/server.js";
import { storedFiles } from "../tests/support/stored-files.js";
import { sha256OfFile } from "./random-file.js";

/**
 * @typedef {object} Contender
 * @property {string} key for `--only` and results.json
 * @property {string} name for people
 * @property {"upferry" | "sink" | "tus"} server
 * @property {string} page its module in contenders/
 * @property {Record<string, unknown>} [options] of this variant, for the page
 *
 * @typedef {{size: number, sha256: string | null}} Arrived null: not hashed
 *
 * @typedef {object} Server
 * @property {string} url of the contender's page; uploads go to the same origin, so none needs a preflight
 * @property {number} pid
 * @property {() => Promise<void>} hashNext the next upload's digest is wanted, at a cost
 * @property {(url: string) => Promise<Arrived>} take what arrived as this URL; it is deleted then
 * @property {() => Promise<unknown>} stop
 */

const MIB = 1024 * 1024;

/** The one that the others are compared with. */
export const BASELINE = "fetch";

/** In the order of each round. @type {Contender[]} */
export const contenders = [
  { key: "fetch", name: "a plain `fetch` PUT of the whole file, to a sink that drops it", server: "sink", page: "fetch.js" },
  { key: "upferry", name: "Upferry, upferry-server", server: "upferry", page: "upferry.js" },
  { key: "tus", name: "tus-js-client, @tus/server", server: "tus", page: "tus.js" },
  { key: "tus-8MiB", name: "tus-js-client with 8 MiB chunks, @tus/server", server: "tus", page: "tus.js", options: { chunkSize: 8 * MIB } },
];

/** Files beside a contender's page: the name there, and where it is in the work tree. @type {Record<string, Record<string, string>>} */
const LIBRARIES = {
  "fetch.js": {},
  "tus.js": { "tus.min.js": "node_modules/tus-js-client/dist/tus.min.js" },
  "upferry.js": { "upferry/js": "js", "upferry/pkg": "pkg" },
};

/**
 * Starts a contender's server, a process of its own which also serves the contender's page.
 * @param {Contender} contender
 * @param {string} scratch a folder on the disk to measure on
 * @returns {Promise<Server>}
 */
export async function startContender(contender, scratch) {
  const folder = mkdtempSync(join(scratch, `${contender.key}-`));
  const page = layOutPage(join(folder, "page"), contender.page);
  const data = join(folder, "data");
  mkdirSync(data);
  const server = await starters[contender.server](page, data);
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @type {Record<Contender["server"], (page: string, data: string) => Promise<Server>>} */
const starters = {
  async sink(page) {
    const { url, ...child } = await startProcess("sink.js", [page]);
    return {
      ...child,
      url,
      async hashNext() {
        await fetch(`${url}/sink`, { method: "POST" });
      },
      take: async () => /** @type {Promise<Arrived>} */ ((await fetch(`${url}/sink`)).json()),
    };
  },

  async tus(page, data) {
    const child = await startProcess("tus.js", [page, data]);
    return {
      ...child,
      async hashNext() {},
      async take(upload) {
        const path = join(data, basename(new URL(upload).pathname));
        const arrived = await takeFile(path);
        rmSync(`${path}.json`);
        return arrived;
      },
    };
  },

  async upferry(page, dataDir) {
    const server = await startServer({ dataDir, args: ["--static", page] });
    return {
      url: server.url,
      pid: server.pid,
      stop: () => server.stop(),
      async hashNext() {},
      async take(upload) {
        const [path, ...more] = storedFiles(server, { id: basename(new URL(upload, server.url).pathname) });
        if (!path || more.length > 0) throw new Error(`${upload} is not one stored file`);
        return takeFile(path);
      },
    };
  },
};

/**
 * @param {string} path
 * @returns {Promise<Arrived>}
 */
async function takeFile(path) {
  const arrived = { size: statSync(path).size, sha256: await sha256OfFile(path) };
  rmSync(path);
  return arrived;
}

/**
 * @param {string} folder
 * @param {string} page
 */
function layOutPage(folder, page) {
  const libraries = Object.entries(LIBRARIES[page]).map(([name, path]) => [name, join(root, path)]);
  const own = [["index.html", "index.html"], ["page.js", "page.js"], [page, "contender.js"]];
  for (const [name, path] of [...own.map(([from, to]) => [to, join(root, "bench/contenders", from)]), ...libraries]) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    symlinkSync(path, join(folder, name));
  }
  return folder;
}

/**
 * @param {string} script in servers/
 * @param {string[]} args
 */
async function startProcess(script, args) {
  const child = fork(join(root, "bench/servers", script), args);
  const exited = once(child, "exit");
  const [{ url }] = await Promise.race([
    once(child, "message"),
    exited.then(() => Promise.reject(new Error(`bench/servers/${script} ended at its start`))),
  ]);
  return {
    url: /** @type {string} */ (url),
    pid: /** @type {number} */ (child.pid),
    stop() {
      child.kill();
      return exited;
    },
  };
}
