// @ts-check
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, createUpload, openPut, putChunk, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { until } from "../support/until.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(2 * UNIT);
/** How long a PUT must be silent before the same range takes over. */
const SILENCE_MS = 5000;

// The tests wait for the same clock, so they wait together.
describe("a PUT that has gone silent", { concurrency: true }, () => {
  test("gives way to the same range after 5 s, and can write no more", async () => {
    const upload = await createUpload(server, bytes.length);
    const silent = await openPut(upload, 0, randomBytes(2 * UNIT, 2), UNIT);
    await repeatUntilTaken(upload, Date.now());
    const late = await silent.finish().catch(() => undefined);
    assert.notEqual(late?.status, 204, "the older PUT was confirmed");
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
  });

  test("does not give way to an overlapping range, however long", async () => {
    const upload = await createUpload(server, bytes.length);
    const silent = await openPut(upload, 0, bytes, UNIT);
    await sleep(SILENCE_MS + 500);
    assertProblem(await putChunk(upload, 0, bytes.subarray(0, UNIT)), "range-busy");
    assert.equal((await silent.finish()).status, 204);
  });

  test("is one that moves no more: a slow one keeps its range", async () => {
    const upload = await createUpload(server, bytes.length);
    const slow = await openPut(upload, 0, bytes, UNIT);
    for (let second = 0; second < 7; second++) {
      await sleep(1000);
      slow.write(1);
      assertProblem(await putChunk(upload, 0, bytes), "range-busy");
    }
    assert.equal((await slow.finish()).status, 204);
  });

  test("is cut after 30 s, and its range is free", async () => {
    const upload = await createUpload(server, bytes.length);
    const start = Date.now();
    const silent = await openPut(upload, 0, bytes, UNIT);
    await until("the silent PUT is cut", async () => (await status(upload)).json.receiving.length === 0, { limitMs: 40_000, everyMs: 100 });
    const seconds = (Date.now() - start) / 1000;
    assert.ok(seconds > 25, `cut after ${seconds} s`);
    const answer = await silent.answer.catch(() => undefined);
    assert.ok(answer === undefined || answer.status >= 400, `answered with ${answer?.status}`);
    assert.deepEqual((await status(upload)).json.received, []);
  });
});

/**
 * Sends the whole file again and again as a client would, and asserts that it is taken once 5 s have passed.
 * @param {import("../support/protocol.js").Upload} upload
 * @param {number} silentSince
 */
async function repeatUntilTaken(upload, silentSince) {
  const answer = await until("the range is taken over", async () => {
    const answer = await putChunk(upload, 0, bytes);
    if (answer.status === 204) return answer;
    assertProblem(answer, "range-busy");
  }, { everyMs: 200 });
  const waited = Date.now() - silentSince;
  assert.ok(answer && waited > SILENCE_MS - 500 && waited < SILENCE_MS + 3000, `taken over after ${waited} ms`);
}
