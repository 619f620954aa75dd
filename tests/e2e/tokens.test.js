// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { startServer } from "../support/server.js";
import { openStage } from "../support/stage.js";
import { fileOf, sha256OfFile } from "../support/test-files.js";
import { testSite } from "../support/test-site.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

const options = { endpoint: "/uploads", chunkSize: 2 * MIB, parallelFiles: 2 };

/**
 * A stage whose server takes the token "first", and so does the application.
 * @param {import("node:test").TestContext} t
 */
async function openWithToken(t) {
  const stage = await openStage(t);
  await acceptOnly(stage, "first");
  await stage.page.call("token", "first");
  await stage.page.must("openWithToken", options);
  return stage;
}

/**
 * From here on the server takes another token only: those that are out have expired.
 * @param {Stage} stage
 * @param {string} token
 */
async function acceptOnly(stage, token) {
  const { port, dataDir } = stage.server;
  await stage.server.kill9();
  const args = ["--static", testSite(), "--public-url", stage.proxy.url, "--auth-token", token];
  stage.server = await startServer({ port, dataDir, args });
}

/** @param {Stage} stage */
const refusals = (stage) => stage.proxy.wire.exchanges.filter(({ status }) => status === 401);

/**
 * @param {Stage} stage
 * @param {{uploadUrl: string}} done
 * @param {{sha256: string}} file
 */
async function assertOnDisk(stage, { uploadUrl }, file) {
  assert.equal(await sha256OfFile(stage.storedAt(uploadUrl.slice(uploadUrl.lastIndexOf("/") + 1))), file.sha256);
  stage.assertPromise();
}

test("a token that expires is asked for anew, once for all requests that wait, and nothing is sent twice", async (t) => {
  const stage = await openWithToken(t);
  stage.proxy.bytesPerSecond = 16 * MIB;
  const files = [1, 2].map((seed) => fileOf(`film-${seed}.bin`, randomBytes(24 * MIB, seed)));
  const numbers = [await stage.page.start(files[0]), await stage.page.start(files[1])];
  await stage.untilConfirmed(8 * MIB);
  const askedBefore = await stage.page.call("token", "second");

  await acceptOnly(stage, "second");
  const done = await Promise.all(numbers.map((number) => stage.page.done(number)));
  assert.ok(refusals(stage).length > 0, "the first token was refused");
  assert.equal(await stage.page.call("token"), askedBefore + 1);
  for (const [index, file] of files.entries()) await assertOnDisk(stage, done[index], file);
});

test("a second 401 in a row waits for a sign-in and keeps the upload; resume() tries again", async (t) => {
  const stage = await openWithToken(t);
  stage.proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("film.bin", randomBytes(24 * MIB, 1));
  await stage.page.start(file);
  await stage.untilConfirmed(8 * MIB);

  await acceptOnly(stage, "second");
  // The server was away for a moment: that it waited for first.
  const waitsForSignIn = () => until("it waits for a sign-in", async () => (await stage.page.look()).reason === "auth");
  await waitsForSignIn();
  const { length } = stage.proxy.wire.exchanges;
  await stage.page.must("act", 0, "resume");
  await until("a request with what the application has", () => stage.proxy.wire.exchanges.length > length);
  // It still has the old one.
  await waitsForSignIn();

  await stage.page.call("token", "second");
  await stage.page.must("act", 0, "resume");
  await assertOnDisk(stage, await stage.page.done(), file);
});
