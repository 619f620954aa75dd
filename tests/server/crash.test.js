// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB, UNIT, randomBytes, seededRandom, sha256Hex } from "../support/bytes.js";
import { freePort } from "../support/free-port.js";
import { content } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { tempDir } from "../support/temp-dir.js";
import { UploadModel } from "../support/upload-model.js";

const ROUNDS = 60;
const WORKERS = 6;
const UPLOADS = 3;
/** `UPFERRY_CRASH_SEED` repeats a run: the same choices, and the same moments as far as the machine allows. */
const seed = Number(process.env.UPFERRY_CRASH_SEED ?? Date.now() % 1_000_000_000);

test(`kill -9 at ${ROUNDS} random moments under load loses nothing that was confirmed (seed ${seed})`, async (t) => {
  const random = seededRandom(seed);
  const place = { port: await freePort(), dataDir: tempDir("crash") };
  /** @type {UploadModel[]} */
  let uploads = [];
  let made = 0;
  const counts = { confirmed: 0, completed: 0, cut: 0 };

  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer(place);
    for (const upload of uploads) await upload.check();
    for (const upload of uploads.filter(({ isComplete }) => isComplete)) {
      assert.equal(sha256Hex((await content(/** @type {any} */ (upload.upload))).body), upload.digest);
    }
    counts.completed += uploads.filter(({ isComplete }) => isComplete).length;
    uploads = uploads.filter(({ isComplete }) => !isComplete);
    while (uploads.length < UPLOADS) uploads.push(newUpload(server, ++made));

    const killed = new AbortController();
    const workers = Array.from({ length: WORKERS }, () => work(killed.signal));
    await sleep(random(500));
    killed.abort();
    await server.kill9();
    counts.cut += (await Promise.all(workers)).filter(Boolean).length;
  }

  const server = await startServer(place);
  for (const upload of uploads) {
    await upload.check();
    await finish(upload);
  }
  await server.stop();
  t.diagnostic(JSON.stringify({ seed, ...counts, uploads: made }));
  assert.ok(counts.confirmed > ROUNDS && counts.cut > ROUNDS, `hardly a load: ${JSON.stringify(counts)}`);
  assert.ok(counts.completed > 0, "no upload was completed");

  /** Works until the server is gone; tells whether a request was cut by it. @param {AbortSignal} killed */
  async function work(killed) {
    while (!killed.aborted) {
      try {
        const upload = uploads[random(uploads.length)];
        if (!upload.upload) await upload.create();
        else if (await upload.sendSome(random)) counts.confirmed++;
        else if (upload.confirmed.every(Boolean)) await upload.complete();
        else await sleep(1);
      } catch (error) {
        // A connection that ends with the server is what this is about; any answer that is not right is not.
        if (error instanceof assert.AssertionError || !killed.aborted) throw error;
        return true;
      }
    }
    return false;
  }
});

/**
 * @param {{url: string, dataDir: string}} server
 * @param {number} number
 */
function newUpload(server, number) {
  return new UploadModel(server, randomBytes(6 * MIB + number * UNIT + 5, seed + number), `crash-${number}`);
}

/** @param {UploadModel} upload */
async function finish(upload) {
  if (!upload.upload) await upload.create();
  while (await upload.sendSome(() => 0)) continue;
  await upload.complete();
  const { body } = await content(/** @type {any} */ (upload.upload));
  assert.equal(sha256Hex(body), upload.digest);
}
