// @ts-check
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { cancel, chunks, complete, content, create, createUpload, patch, putChunk, request, status, storeChunk } from "../support/protocol.js";
import { freePort } from "../support/free-port.js";
import { startServer } from "../support/server.js";
import { serverBinary } from "../support/server-binary.js";
import { tempDir } from "../support/temp-dir.js";

const binary = await serverBinary();
const token = "correct-horse";
const right = { authorization: `Bearer ${token}` };
const bytes = randomBytes(UNIT);

describe("with a token", async () => {
  const server = await startServer({ args: ["--auth-token", token] });
  after(() => server.stop());

  test("the whole path works", async () => {
    const upload = await createUpload(server, UNIT, { headers: right });
    await storeChunk(upload, 0, bytes, right);
    assert.equal((await complete(upload, {}, right)).status, 200);
    assert.deepEqual((await content(upload, right)).body, bytes);
  });

  for (const [what, authorization] of Object.entries({
    "no token": undefined,
    "another token": "Bearer wrong",
    "an empty token": "Bearer ",
    "a longer token": `Bearer ${token}x`,
    "a shorter token": `Bearer ${token.slice(0, -1)}`,
    "the token in upper case": `Bearer ${token.toUpperCase()}`,
    "another scheme": `Basic ${token}`,
    "the bare token": token,
    "bytes beyond ASCII": "Bearer \u00ff",
  })) {
    test(`${what}: nothing is allowed`, async () => {
      const upload = await createUpload(server, UNIT, { headers: right });
      const wrong = { authorization };
      const answers = [
        await create(server, { size: 1, name: "a" }, wrong),
        await putChunk(upload, 0, bytes, wrong),
        await status(upload, wrong),
        await request(`${upload.url}/chunks`, { headers: wrong }),
        await patch(upload, "paused", wrong),
        await complete(upload, {}, wrong),
        await content(upload, wrong),
        await cancel(upload, wrong),
      ];
      for (const answer of answers) {
        assertProblem(answer, "unauthorized");
        assert.match(String(answer.headers["www-authenticate"]), /^Bearer\b/);
      }
      const { state, received } = (await status(upload, right)).json;
      assert.deepEqual({ state, received }, { state: "open", received: [] });
    });
  }

  test("an id that is no upload's does not show without a token", async () => {
    assertProblem(await request(`${server.url}/uploads/${"0".repeat(32)}`), "unauthorized");
  });

  test("the health check needs no token", async () => {
    assert.equal((await request(`${server.url}/healthz`)).status, 200);
  });

  test("the token can come from the environment", async () => {
    const other = await startServer({ env: { UPFERRY_AUTH_TOKEN: token } });
    assertProblem(await create(other, { size: 1, name: "a" }), "unauthorized");
    assert.equal((await create(other, { size: 1, name: "a" }, right)).status, 201);
    await other.stop();
  });

  test("the token is not in the log", () => assert.ok(!server.log().includes(token)));
});

describe("another principal", () => {
  test("finds no upload of somebody else, and no idempotency key", async () => {
    const key = { "idempotency-key": '"shared"' };
    const json = { size: UNIT, name: "file.bin" };
    const first = await startServer({ args: ["--auth-token", token] });
    const answer = await create(first, json, { ...right, ...key });
    const upload = { url: first.url + answer.headers.location, size: UNIT, id: answer.json.id };
    await storeChunk(upload, 0, bytes, right);
    await first.stop();

    // The same data, now for anybody: whoever comes is another principal than the token's bearer.
    const second = await startServer({ port: first.port, dataDir: first.dataDir });
    for (const refused of [
      await status(upload), await chunks(upload), await putChunk(upload, 0, bytes), await patch(upload, "paused"),
      await complete(upload), await content(upload), await cancel(upload),
    ]) assertProblem(refused, "upload-not-found");
    const own = await create(second, json, key);
    assert.equal(own.status, 201);
    assert.notEqual(own.json.id, upload.id);
    await second.stop();

    const third = await startServer({ port: first.port, dataDir: first.dataDir, args: ["--auth-token", token] });
    assert.deepEqual((await status(upload, right)).json.received, [[0, UNIT]]);
    await third.stop();
  });
});

describe("beyond loopback", () => {
  for (const address of ["0.0.0.0", "[::]"]) {
    test(`without a token the server refuses to listen on ${address}, and says why`, async () => {
      const { code, output } = await run(["--listen", `${address}:${await freePort()}`, "--data-dir", tempDir("data")]);
      assert.notEqual(code, 0);
      assert.match(output, /--allow-anonymous/);
      assert.match(output, /--auth-token/);
    });
  }

  for (const args of [["--auth-token", token], ["--allow-anonymous"]]) {
    test(`with ${args[0]} it listens`, async () => {
      const port = await freePort();
      const server = await startServer({ port, args: [...args] });
      assert.equal((await request(`${server.url}/healthz`)).status, 200);
      await server.stop();
      const { child, output } = start(["--listen", `0.0.0.0:${port}`, "--data-dir", server.dataDir, ...args]);
      for (;;) {
        const healthy = await request(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
        if (healthy) break;
        assert.equal(child.exitCode, null, output());
      }
      child.kill("SIGTERM");
      await once(child, "exit");
    });
  }

  /** @param {string[]} args */
  async function run(args) {
    const { child, output } = start(args);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const [code] = await once(child, "exit");
    clearTimeout(timer);
    return { code, output: output() };
  }

  /** @param {string[]} args */
  function start(args) {
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (text += part));
    return { child, output: () => text };
  }
});
