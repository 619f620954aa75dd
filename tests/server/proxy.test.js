// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertProblem } from "../support/problem.js";
import { create } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const behindProxy = await startServer({ args: ["--trust-proxy", "127.0.0.0/8", "--host", "files.example"] });
const direct = await startServer({ args: ["--host", "files.example"] });
after(() => Promise.all([behindProxy.stop(), direct.stop()]));

const json = { size: 1, name: "a" };
const forwarded = { "x-forwarded-host": "files.example", "x-forwarded-proto": "https" };

test("what a trusted proxy forwards makes Location absolute", async () => {
  const { headers, json: { id } } = await create(behindProxy, json, forwarded);
  assert.equal(headers.location, `https://files.example/uploads/${id}`);
});

test("the origin that a trusted proxy stands for is the server's own", async () => {
  const own = { ...forwarded, origin: "https://files.example" };
  assert.equal((await create(behindProxy, json, own)).status, 201);
  assertProblem(await create(behindProxy, json, { ...forwarded, origin: "http://files.example" }), "forbidden");
});

test("a foreign host is refused through a trusted proxy too", async () => {
  assertProblem(await create(behindProxy, json, { ...forwarded, "x-forwarded-host": "evil.example" }), "forbidden");
});

test("what anybody else says to have forwarded is passed over", async () => {
  const { status, headers, json: { id } } = await create(direct, json, { ...forwarded, "x-forwarded-host": "evil.example" });
  assert.deepEqual([status, headers.location], [201, `/uploads/${id}`]);
  assertProblem(await create(direct, json, { ...forwarded, origin: "https://files.example" }), "forbidden");
});
