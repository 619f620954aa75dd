// @ts-check
// Builds everything and serves the demo with the real server: npm start [-- flags of upferry-server]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "./build.js";
import { assembleDemo } from "./lib/assemble-demo.js";
import { buildServer } from "./lib/build-server.js";
import { Failure, runMain } from "./lib/failure.js";
import { demoDir, root } from "./lib/paths.js";
import { setup } from "./setup.js";

const DATA_DIR = "upferry-data";

await runMain(async () => {
  const flags = process.argv.slice(2);
  const address = valueOf("--listen", flags) ?? `127.0.0.1:${process.env.PORT ?? "8787"}`;
  await checkFree(address);
  await setup();
  await build();
  const binary = await buildServer();
  assembleDemo();
  await serve(binary, address, flags);
});

/**
 * Runs the server until it ends or is told to; Ctrl-C and SIGTERM are passed on to it.
 * @param {string} binary
 * @param {string} address
 * @param {string[]} flags
 */
async function serve(binary, address, flags) {
  const defaults = { "--listen": address, "--static": demoDir, "--data-dir": DATA_DIR };
  const given = Object.entries(defaults).flatMap(([flag, value]) => (valueOf(flag, flags) === null ? [flag, value] : []));
  // Of its own group: Ctrl-C reaches it once, through this process, and not a second time from the terminal.
  const server = spawn(binary, [...given, ...flags], { cwd: root, stdio: "inherit", detached: true });
  const exited = once(server, "exit");
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => server.kill("SIGTERM"));
  }
  if (await isUp(`http://${address}/healthz`, server)) {
    console.log(`\nUpferry's demo: http://${address}/   (Ctrl-C stops it; files are kept in ${DATA_DIR}/)`);
  }
  const [code] = await exited;
  process.exitCode = code ?? 1;
}

/**
 * @param {string} url
 * @param {import("node:child_process").ChildProcess} server
 */
async function isUp(url, server) {
  while (server.exitCode === null && server.signalCode === null) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return false;
}

/**
 * Says that a port is taken before anything is built, in a sentence.
 * @param {string} address
 */
async function checkFree(address) {
  const [, host, port] = address.match(/^(.*):(\d+)$/) ?? [];
  if (host === undefined || Number(port) > 65535) {
    throw new Failure(`"${address}" is no address to listen on: PORT is a number up to 65535, --listen is like 127.0.0.1:8787.`);
  }
  const probe = createServer();
  probe.listen(Number(port), host.replace(/^\[(.*)\]$/, "$1"));
  try {
    await once(probe, "listening");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EADDRINUSE") throw error;
    throw new Failure(`port ${port} is in use: stop what listens there, or choose another one, as in "PORT=${Number(port) + 1} npm start".`);
  }
  probe.close();
  await once(probe, "close");
}

/**
 * The value of a command line flag, written `--flag value` or `--flag=value`, or null.
 * @param {string} flag
 * @param {string[]} flags
 */
function valueOf(flag, flags) {
  const index = flags.findIndex((given) => given === flag || given.startsWith(`${flag}=`));
  if (index === -1) return null;
  return flags[index].startsWith(`${flag}=`) ? flags[index].slice(flag.length + 1) : (flags[index + 1] ?? "");
}
