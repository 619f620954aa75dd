// @ts-check
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, content, create, createWith, openPut, patch, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { until } from "../support/until.js";

const EXPIRE_AFTER_MS = 2000;
const server = await startServer({ args: ["--expire-after", "2s", "--sweep-every", "1s"] });
after(() => server.stop());

const bytes = randomBytes(4 * UNIT);
const isGone = async (/** @type {import("../support/protocol.js").Upload} */ upload) => (await status(upload)).status === 410;

// Each waits for the same clock, so they wait together.
describe("with expiry after 2 s of idleness", { concurrency: true }, () => {
  test("an idle upload expires when its status said so, and its bytes are removed", async () => {
    const upload = await createWith(server, bytes.subarray(0, UNIT), { size: bytes.length });
    const expires = Date.parse((await status(upload)).json.expires);
    await until("it expires", () => isGone(upload), { limitMs: 10_000 });
    assert.ok(Math.abs(Date.now() - expires) <= 1500, `gone ${Date.now() - expires} ms after the time stated`);
    await until("its bytes are removed", () => storedFiles(server, upload).length === 0, { limitMs: 10_000 });
    assertProblem(await status(upload), "upload-gone");
  });

  test("a paused upload expires as well", async () => {
    const upload = await createWith(server, bytes.subarray(0, UNIT), { size: bytes.length });
    await patch(upload, "paused");
    await until("it expires", () => isGone(upload), { limitMs: 10_000 });
  });

  test("an upload that gets chunks does not expire", async () => {
    const upload = await createWith(server, bytes.subarray(0, UNIT), { size: bytes.length });
    for (let unit = 1; unit < 4; unit++) {
      await sleep(EXPIRE_AFTER_MS * 0.6);
      await storeChunk(upload, unit * UNIT, bytes.subarray(unit * UNIT, (unit + 1) * UNIT));
    }
    assert.equal((await complete(upload)).status, 200);
  });

  test("an upload that is being received does not expire", async () => {
    const upload = await createWith(server, bytes.subarray(0, UNIT), { size: bytes.length });
    const slow = await openPut(upload, UNIT, bytes.subarray(UNIT), 1);
    for (let step = 0; step < 4; step++) {
      await sleep(EXPIRE_AFTER_MS * 0.6);
      slow.write(1);
    }
    assert.equal((await slow.finish()).status, 204);
    assert.equal((await complete(upload)).status, 200);
  });

  test("a finished file never expires", async () => {
    const upload = await createWith(server, bytes);
    await complete(upload);
    await sleep(EXPIRE_AFTER_MS * 2);
    assert.equal((await status(upload)).json.expires, null);
    assert.deepEqual((await content(upload)).body, bytes);
  });

  test("the key of an expired upload does not bring it back", async () => {
    const key = { "idempotency-key": '"expires"' };
    const json = { size: UNIT, name: "file.bin" };
    const upload = { url: server.url + (await create(server, json, key)).headers.location, size: UNIT, id: "" };
    await until("it expires", () => isGone(upload), { limitMs: 10_000 });
    assertProblem(await create(server, json, key), "upload-gone");
  });
});
