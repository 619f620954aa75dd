// @ts-check
import assert from "node:assert/strict";
import { closeSync, openSync, renameSync, utimesSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf, sha256OfFile, sparseFile } from "../support/test-files.js";

const GIB = 1024 * MIB;

/**
 * Changes one byte of a file.
 * @param {string} path
 * @param {number} at
 */
function changeByte(path, at) {
  const file = openSync(path, "r+");
  writeSync(file, Uint8Array.of(1), 0, 1, at);
  closeSync(file);
}

test("one byte that changed in the middle of a 2 GiB file is found, and the file begins anew", async (t) => {
  const stage = await openStage(t);
  const { path, size } = sparseFile("film.bin", 2 * GIB);
  await stage.page.start({ path });
  await stage.untilConfirmed(1.5 * GIB);
  const { uploadUrl } = await stage.page.look();

  // Between the places that the file is recognised by.
  changeByte(path, GIB + 12_345);
  await stage.visit();
  await stage.page.start({ path });
  const done = await stage.page.done();
  assert.notEqual(done.uploadUrl, uploadUrl);
  assert.ok((await stage.page.call("events")).some((/** @type {{type: string}} */ { type }) => type === "restarted"));
  await stage.assertStored(done, { path, size, sha256: await sha256OfFile(path) });
});

test("the same content under another name and date continues", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB } });
  stage.proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("film.bin", randomBytes(32 * MIB, 1));
  await stage.page.start(file);
  await stage.untilConfirmed(16 * MIB);
  const { uploadUrl } = await stage.page.look();

  const path = join(dirname(file.path), "影片 (copy).bin");
  renameSync(file.path, path);
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  await stage.visit();
  stage.proxy.bytesPerSecond = Infinity;
  await stage.page.start({ path });
  const done = await stage.page.done();
  assert.equal(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, file);
});
