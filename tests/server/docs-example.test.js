// @ts-check
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../../scripts/lib/paths.js";
import { startServer } from "../support/server.js";
import { tempDir } from "../support/temp-dir.js";

const page = readFileSync(`${root}/docs/protocol.md`, "utf8");

test("the example session of docs/protocol.md works as it stands", async () => {
  const script = page.match(/```sh\n([\s\S]*?)```/)?.[1];
  assert.ok(script);
  const server = await startServer();
  const { stdout } = await promisify(execFile)("sh", ["-eu", "-c", script], { cwd: tempDir("example"), env: { ...process.env, SERVER: server.url } });
  await server.stop();
  assert.match(stdout, /"received":\[\[131072,150000\]\]/);
  assert.match(stdout, /"code":"incomplete".*"missing":\[\[0,131072\]\]/);
  assert.match(stdout, /"state":"complete"/);
  assert.match(stdout, /same bytes\n$/);
});

test("every code of the protocol crate stands in the table of errors with its status, and no other", () => {
  const source = readFileSync(`${root}/crates/protocol/src/code.rs`, "utf8");
  const rows = (/** @type {RegExp} */ pattern, /** @type {string} */ text) => [...text.matchAll(pattern)].map((match) => match.slice(1).join(" ")).sort();
  const codes = rows(/^ +\w+ = "([a-z-]+)", (\d+), (true|false),/gm, source);
  const documented = rows(/^\| (?<status>\d{3}) \| `([a-z-]+)` \| (yes|no) \|/gm, page).map((row) => {
    const [status, code, retryable] = row.split(" ");
    return `${code} ${status} ${retryable === "yes"}`;
  }).sort();
  assert.ok(codes.length >= 26);
  assert.deepEqual(documented, codes);
});
