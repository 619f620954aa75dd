// @ts-check
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { complete, content, createWith, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { RENAMES, injecting } from "../support/strace.js";
import { until } from "../support/until.js";

const bytes = randomBytes(3 * UNIT);

/** A server that was killed while it put a finished file in its place: the upload is `completing`, its file where it was. */
async function killedInRename() {
  const server = await startServer({ wrapper: injecting(RENAMES, "delay_enter=120s") });
  const upload = await createWith(server, bytes);
  assert.equal((await complete(upload)).status, 202);
  await server.kill9();
  const unfinished = storedFiles(server, upload)[0];
  const finished = join(server.dataDir, "files", upload.id.slice(0, 2), upload.id.slice(2, 4), upload.id);
  return { upload, unfinished, finished, again: () => startServer({ port: server.port, dataDir: server.dataDir }) };
}

test("the temporary file only: the completion is done again", async () => {
  const { upload, again, finished } = await killedInRename();
  const server = await again();
  await until("it is complete", async () => (await status(upload)).json.state === "complete");
  assert.deepEqual((await content(upload)).body, bytes);
  assert.ok(existsSync(finished));
  await server.stop();
});

test("the final file only: the completion is carried on", async () => {
  const { upload, again, unfinished, finished } = await killedInRename();
  mkdirSync(dirname(finished), { recursive: true });
  renameSync(unfinished, finished);
  const server = await again();
  await until("it is complete", async () => (await status(upload)).json.state === "complete");
  assert.deepEqual((await content(upload)).body, bytes);
  await server.stop();
});

test("both files: failed, and neither is deleted", async () => {
  const { upload, again, unfinished, finished } = await killedInRename();
  mkdirSync(dirname(finished), { recursive: true });
  copyFileSync(unfinished, finished);
  const server = await again();
  assert.equal((await status(upload)).json.state, "failed");
  assert.ok(existsSync(unfinished) && existsSync(finished));
  await server.stop();
});

test("a sweep removes what no upload knows, and nothing else", async () => {
  const first = await startServer();
  const open = await createWith(first, bytes, { size: 4 * UNIT });
  const done = await createWith(first, bytes);
  await complete(done);
  await first.stop();
  const folder = dirname(storedFiles(first, open)[0]);
  const stray = join(folder, "0123456789abcdef0123456789abcdef");
  const foreign = join(folder, "notes.txt");
  const strayFinished = join(first.dataDir, "files/01/23/0123456789abcdef0123456789abcdef");
  mkdirSync(dirname(strayFinished), { recursive: true });
  for (const path of [stray, foreign, strayFinished]) writeFileSync(path, "x");

  const server = await startServer({ port: first.port, dataDir: first.dataDir });
  await until("the stray file is removed", () => !existsSync(stray));
  assert.ok(existsSync(foreign) && existsSync(strayFinished));
  assert.deepEqual((await status(open)).json.received, [[0, bytes.length]]);
  assert.deepEqual(readFileSync(storedFiles(server, open)[0]).subarray(0, bytes.length), bytes);
  assert.deepEqual((await content(done)).body, bytes);
  await server.stop();
});
