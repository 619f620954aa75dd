// @ts-check
import assert from "node:assert/strict";
import { MIB, sha256Hex } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

const SIZE = 24 * MIB;
/** What the page writes: every byte is its place, so to speak. */
const BYTES = Uint8Array.from({ length: SIZE }, (_, at) => (at * 31 + (at >> 16)) & 255);
const FILE = { path: "film.bin", size: SIZE, sha256: sha256Hex(BYTES) };

testWith("storedHandles", "after a reload an upload of a handle goes on without a file being picked", async (t) => {
  const stage = await interrupted(t);
  const { page, proxy } = stage;
  const confirmedBefore = proxy.wire.confirmedBytes();
  const [found] = await page.call("interrupted");
  assert.deepEqual([found.name, found.size, found.canReopen], ["film.bin", SIZE, true]);
  const putsBefore = proxy.wire.puts.length;
  const number = await page.must("resumeInterrupted", { headers: { "x-take": "2" } });
  await stage.assertStored(await page.done(number), FILE);
  const sent = proxy.wire.puts.slice(putsBefore).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  assert.ok(sent <= SIZE - confirmedBefore, `${sent} bytes after ${confirmedBefore} were confirmed`);
});

testWith("storedHandles", "a handle whose file is gone says that the file has to be picked again", async (t) => {
  const stage = await interrupted(t);
  await inPage(stage, "await root.removeEntry('film.bin')");
  const { error } = await stage.page.call("resumeInterrupted");
  assert.deepEqual([error.name, error.code, error.retryable], ["UploadError", "file-unreadable", false]);
  assert.match(error.message, /pick it again/i);
  assert.equal((await stage.page.call("interrupted")).length, 1, "it can still be resumed with the file");
});

testWith("storedHandles", "a handle to another file by now is a mismatch", async (t) => {
  const stage = await interrupted(t);
  await inPage(stage, `const stream = await (await root.getFileHandle("film.bin")).createWritable();
    await stream.write("another");
    await stream.close();`);
  const { error } = await stage.page.resumeOutcome();
  assert.equal(error.code, "file-mismatch");
});

testWith("storedHandles", "a record that was saved without a handle gets the one that the file is added with later", async (t) => {
  const stage = await interrupted(t, "bench.add({}, [await handle.getFile()])");
  const { page, proxy } = stage;
  assert.equal((await page.call("interrupted"))[0].canReopen, false);
  const { error } = await page.call("resumeInterrupted");
  assert.deepEqual([error.type, error.message], ["TypeError", "resume() needs the file, which can't be opened again by itself here"]);

  const confirmed = proxy.wire.confirmedBytes();
  await inPage(stage, `return bench.addHandle(await root.getFileHandle("film.bin"))`);
  await stage.untilConfirmed(confirmed + MIB);
  await stage.visit();
  assert.equal((await page.call("interrupted"))[0].canReopen, true);
  proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await page.done(await page.must("resumeInterrupted")), FILE);
});

testWith("storedHandles", "leaving the page asks only where a file would have to be picked again", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: MIB, guardUnload: true } });
  const { page, proxy } = stage;
  proxy.bytesPerSecond = MIB;
  const asks = () => page.execute("return !dispatchEvent(new Event('beforeunload', { cancelable: true }))");
  const handle = `const handle = await root.getFileHandle("film.bin", { create: true });
    const stream = await handle.createWritable();
    await stream.write(new Uint8Array(${8 * MIB}));
    await stream.close();`;
  await inPage(stage, `${handle} return bench.addHandle(handle)`);
  await stage.untilConfirmed(MIB);
  assert.equal(await asks(), false);
  await page.call("act", 0, "cancel");
  await inPage(stage, "return bench.add({}, [await (await root.getFileHandle('film.bin')).getFile()])");
  await page.untilState("uploading", 1);
  assert.equal(await asks(), true);
});

/**
 * A stage whose page has written a file of its own, uploaded a part of it, and was loaded anew.
 * @param {import("node:test").TestContext} t
 * @param {string} add
 */
async function interrupted(t, add = "bench.addHandle(handle)") {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: MIB } });
  stage.proxy.bytesPerSecond = 4 * MIB;
  await inPage(stage, `const bytes = Uint8Array.from({ length: ${SIZE} }, (_, at) => (at * 31 + (at >> 16)) & 255);
    const handle = await root.getFileHandle("film.bin", { create: true });
    const stream = await handle.createWritable();
    await stream.write(bytes);
    await stream.close();
    return ${add}`);
  await stage.untilConfirmed(4 * MIB);
  await stage.visit();
  if (add.includes("addHandle")) stage.proxy.bytesPerSecond = Infinity;
  return stage;
}

/**
 * Runs code in the page; `root` is the folder of files that are the page's own.
 * @param {Stage} stage
 * @param {string} code
 */
function inPage(stage, code) {
  return stage.page.execute(`return (async () => { const root = await navigator.storage.getDirectory(); ${code} })()`);
}
