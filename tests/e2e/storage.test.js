// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { MIB, randomBytes } from "../support/bytes.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

const options = { endpoint: "/uploads", chunkSize: MIB };

/** All that is in the database, whatever it is called, as JSON by store. */
const DUMP = `
  const { promise, resolve, reject } = Promise.withResolvers();
  const request = indexedDB.open("upferry");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const database = request.result;
    const names = [...database.objectStoreNames];
    const reads = names.map((name) => new Promise((done) => {
      const all = database.transaction(name).objectStore(name).getAll();
      all.onsuccess = () => done([name, JSON.stringify(all.result)]);
    }));
    Promise.all(reads).then((stores) => { database.close(); resolve(Object.fromEntries(stores)); });
  };
  return promise;`;

const EMPTY = { records: "[]", leases: "[]" };

/**
 * A page that sends a file of a telling name, slowly.
 * @param {import("node:test").TestContext} t
 * @param {import("../support/stage.js").StageOptions} [more]
 */
async function sendingStage(t, more = {}) {
  const stage = await openStage(t, { options, ...more });
  const dump = () => stage.page.execute(DUMP);
  stage.proxy.bytesPerSecond = 4 * MIB;
  const file = fileOf("secret.bin", randomBytes(16 * MIB));
  await stage.page.start(file);
  await stage.untilConfirmed(2 * MIB);
  return { stage, file, dump };
}

for (const secure of [true, false]) {
  const where = secure ? "" : ", over plain http";

  test(`nothing of a file is left in the database once it is complete${where}`, async (t) => {
    const { stage, file, dump } = await sendingStage(t, { secure });
    assert.match((await dump()).records, /secret\.bin/);
    stage.proxy.bytesPerSecond = Infinity;
    await stage.assertStored(await stage.page.done(), file);
    await until("an empty database", async () => isDeepStrictEqual(await dump(), EMPTY));
  });

  test(`nor once it is cancelled${where}`, async (t) => {
    const { stage, dump } = await sendingStage(t, { secure });
    await stage.page.must("act", 0, "cancel");
    await until("an empty database", async () => isDeepStrictEqual(await dump(), EMPTY));
  });

  test(`forgetAll() leaves nothing of what was interrupted${where}`, async (t) => {
    const { stage, dump } = await sendingStage(t, { secure });
    await stage.visit();
    assert.match((await dump()).records, /secret\.bin/);
    await stage.page.must("forgetAll");
    assert.deepEqual(await dump(), EMPTY);
    assert.deepEqual(await stage.page.call("interrupted"), []);
  });
}

test("an upload outlives its database: the site's data are cleared under way", async (t) => {
  const { stage, file } = await sendingStage(t);
  await stage.page.execute("return new Promise((resolve) => { indexedDB.deleteDatabase('upferry').onsuccess = () => resolve() })");
  await stage.untilConfirmed(4 * MIB);
  stage.proxy.bytesPerSecond = Infinity;
  await stage.assertStored(await stage.page.done(), file);
});

test("a database of a later version is left alone, said once, and the upload goes on", async (t) => {
  const stage = await openStage(t, { options });
  const make = "return new Promise((resolve) => { const request = indexedDB.open('upferry', 99); request.onsuccess = () => { request.result.close(); resolve() } })";
  await stage.page.call("free");
  await stage.page.execute(make);
  await stage.page.must("open", options);
  const file = fileOf("file.bin", randomBytes(8 * MIB));
  await stage.page.start(file);
  await stage.assertStored(await stage.page.done(), file);
  const events = await stage.page.call("events");
  assert.equal(events.filter((/** @type {{type: string}} */ { type }) => type === "error").length, 1);
});

testWith("limitedStorage", "with a full disk it is said once that nothing is kept, and the upload goes on", async (t) => {
  const stage = await openStage(t, { options });
  await stage.page.limitStorage(1);
  const file = fileOf("file.bin", randomBytes(8 * MIB));
  await stage.page.start(file);
  await stage.assertStored(await stage.page.done(), file);
  const events = await stage.page.call("events");
  assert.equal(events.filter((/** @type {{type: string}} */ { type }) => type === "error").length, 1);
});
