// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { complete, content, createWith, status } from "../support/protocol.js";
import { serverBinary } from "../support/server-binary.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { until } from "../support/until.js";

const features = ["fault-injection"];
const binary = await serverBinary(features);
const steps = execFileSync(binary, { env: { ...process.env, UPFERRY_FAULT: "list-steps" }, encoding: "utf8" }).trim().split("\n");

const bytes = randomBytes(5 * UNIT + 11);
const right = { digest: { "sha-256": sha256Hex(bytes) } };
const wrong = { digest: { "sha-256": "0".repeat(64) } };

test("the completion has steps", () => assert.ok(steps.length >= 5, steps.join()));

for (const step of steps) {
  test(`stopped before ${step}: never lost, and complete in the end`, async () => {
    const { upload, restart } = await stoppedBefore(step, right);
    const server = await restart();
    await assertCompletes(server, upload);
    await server.stop();
  });

  test(`stopped before ${step}, and there again in the recovery: never lost, and complete in the end`, async () => {
    const { upload, restart } = await stoppedBefore(step, right);
    const again = await restart({ features, env: { UPFERRY_FAULT: `stop-before:${step}` } }).catch(() => undefined);
    await again?.kill9();
    const server = await restart();
    await assertCompletes(server, upload);
    await server.stop();
  });
}

for (const step of ["ledger-completing", "digest"]) {
  test(`stopped before ${step} with a digest that is not the file's: open again, nothing dropped`, async () => {
    const { upload, restart } = await stoppedBefore(step, wrong);
    const server = await restart();
    const settled = await until("it is open again", async () => {
      const { json } = await status(upload);
      assert.notEqual(json.state, "complete", "completed against the client's digest");
      return json.state === "open" && json;
    });
    assert.deepEqual(settled.received, [[0, bytes.length]]);
    await assertCompletes(server, upload);
    await server.stop();
  });
}

/**
 * Completes an upload on a server that stops in the middle of it.
 * @param {string} step
 * @param {unknown} digest
 */
async function stoppedBefore(step, digest) {
  const server = await startServer({ features, env: { UPFERRY_FAULT: `stop-before:${step}` } });
  const upload = await createWith(server, bytes, { chunk: 2 * UNIT });
  await assert.rejects(complete(upload, /** @type {{}} */ (digest)), `answered although it stops before ${step}`);
  assert.equal((await server.exited).signal, "SIGABRT");
  return {
    upload,
    restart: (/** @type {import("../support/server.js").ServerOptions} */ options = {}) => startServer({ port: server.port, dataDir: server.dataDir, ...options }),
  };
}

/**
 * @param {import("../support/server.js").Server} server
 * @param {import("../support/protocol.js").Upload} upload
 */
async function assertCompletes(server, upload) {
  const found = await status(upload);
  assert.equal(found.status, 200);
  assert.ok(["open", "completing", "complete"].includes(found.json.state), found.json.state);
  const done = await until("it is complete", async () => {
    const answer = await complete(upload, right);
    return answer.status === 200 ? answer : undefined;
  });
  assert.deepEqual(done.json.digest, right.digest);
  assert.deepEqual((await content(upload)).body, bytes);
  assert.equal(storedFiles(server, upload).length, 1, "a copy stayed behind");
}
