// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { chunkHeaders, complete, createUpload, request, sendJson } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const CHUNK = 64 * MIB;
const PARALLEL = 8;
const LIMIT_MIB = 128;

/** The most memory that the server had in RAM so far. */
function peakMib() {
  const [, kib] = readFileSync(`/proc/${server.pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB$/m) ?? [];
  return Number(kib) / 1024;
}

test(`8 chunks of 64 MiB in parallel, and a giant JSON: the server stays below ${LIMIT_MIB} MiB`, async (t) => {
  const bytes = randomBytes(CHUNK);
  const upload = await createUpload(server, PARALLEL * CHUNK);
  const { "content-digest": digest } = chunkHeaders(upload, 0, bytes);
  const answers = await Promise.all(Array.from({ length: PARALLEL }, (_, i) => {
    const range = `bytes ${i * CHUNK}-${(i + 1) * CHUNK - 1}/${upload.size}`;
    const headers = { "content-length": CHUNK, "content-range": range, "content-digest": digest };
    return request(`${upload.url}/data`, { method: "PUT", headers, body: bytes });
  }));
  assert.deepEqual(answers.map(({ status }) => status), Array(PARALLEL).fill(204));
  assert.equal((await complete(upload)).status < 300, true);
  assert.equal((await sendJson(`${server.url}/uploads`, "POST", `"${"x".repeat(32 * MIB)}"`)).status, 413);
  t.diagnostic(`peak: ${peakMib().toFixed(1)} MiB`);
  assert.ok(peakMib() > 1 && peakMib() < LIMIT_MIB, `${peakMib()} MiB`);
});
