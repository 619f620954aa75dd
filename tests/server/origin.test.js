// @ts-check
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { cancel, create, createUpload, patch, putChunk, request, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const listed = "https://app.example";
const server = await startServer({
  args: ["--auth-token", "t", "--cors-origin", listed, "--cors-origin", "http://other.example:8080", "--public-url", "https://files.example/up"],
});
after(() => server.stop());

const right = { authorization: "Bearer t" };
const bytes = randomBytes(UNIT);
/** An upload under the address that the test reaches, which the public URL is not. */
async function uploadHere() {
  const { id } = await createUpload(server, UNIT, { headers: right });
  return { url: `${server.url}/uploads/${id}`, size: UNIT, id };
}

const words = (/** @type {unknown} */ list) => String(list).toLowerCase().split(/\s*,\s*/).sort();

/** @param {import("../support/protocol.js").Answer} answer */
function assertNoCors({ headers }) {
  assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith("access-control-")), []);
}

/** @param {import("../support/protocol.js").Answer} answer */
function assertCors({ headers }, origin = listed) {
  assert.equal(headers["access-control-allow-origin"], origin);
  assert.equal(headers["access-control-allow-credentials"], "true");
  assert.deepEqual(words(headers["access-control-expose-headers"]), ["etag", "location", "retry-after", "want-content-digest"]);
  assert.ok(words(headers.vary).includes("origin"));
}

describe("a preflight of a listed origin", () => {
  for (const path of ["", `/${"0".repeat(32)}`, `/${"0".repeat(32)}/data`, `/${"0".repeat(32)}/complete`]) {
    test(`for /uploads${path} is answered before authorization`, async () => {
      const answer = await preflight(path, listed);
      assert.equal(answer.status, 204);
      assertCors(answer);
      const { headers } = answer;
      assert.deepEqual(words(headers["access-control-allow-methods"]), ["delete", "get", "patch", "post", "put"]);
      assert.deepEqual(words(headers["access-control-allow-headers"]), ["authorization", "content-digest", "content-range", "content-type", "idempotency-key", "upload-create"]);
      assert.equal(headers["access-control-max-age"], "7200");
    });
  }

  test("may come from any of the listed origins", async () => {
    assertCors(await preflight("", "http://other.example:8080"), "http://other.example:8080");
  });
});

const foreign = ["https://evil.example", "http://app.example", "https://app.example:8443", "https://app.example.evil.example", "https://sub.app.example", "null", "https://APP.example.", "file://", "*", "x".repeat(3000)];
for (const origin of foreign) {
  test(`the origin ${origin.slice(0, 40)} gets nothing`, async () => {
    const upload = await uploadHere();
    const headers = { ...right, origin };
    const answers = [
      await preflight("", origin),
      await create(server, { size: 1, name: "a" }, headers),
      await putChunk(upload, 0, bytes, headers),
      await status(upload, headers),
      await patch(upload, "paused", headers),
      await cancel(upload, headers),
    ];
    for (const answer of answers) {
      assertProblem(answer, "forbidden");
      assertNoCors(answer);
      assert.ok(words(answer.headers.vary).includes("origin"));
    }
    const { state, received } = (await status(upload, right)).json;
    assert.deepEqual({ state, received }, { state: "open", received: [] });
  });
}

describe("a listed origin", () => {
  const headers = { ...right, origin: listed };

  test("gets CORS headers with every success", async () => {
    const created = await create(server, { size: UNIT, name: "a" }, headers);
    const upload = { url: `${server.url}/uploads/${created.json.id}`, size: UNIT, id: created.json.id };
    for (const answer of [created, await putChunk(upload, 0, bytes, headers), await status(upload, headers), await patch(upload, "paused", headers), await cancel(upload, headers)]) {
      assert.ok(answer.status < 300);
      assertCors(answer);
    }
  });

  test("gets CORS headers with every error", async () => {
    const upload = await uploadHere();
    const unknown = `${server.url}/uploads/${"0".repeat(32)}`;
    const errors = {
      "unauthorized": await status(upload, { origin: listed }),
      "upload-not-found": await request(unknown, { headers }),
      "method-not-allowed": await request(`${server.url}/uploads`, { method: "PUT", headers }),
      "unsupported-media-type": await create(server, {}, { ...headers, "content-type": "text/plain" }),
      "invalid-request": await create(server, "{", headers),
      "too-large": await create(server, { size: Number.MAX_SAFE_INTEGER, name: "a" }, headers),
      "digest-required": await putChunk(upload, 0, bytes, { ...headers, "content-digest": undefined }),
      "length-required": await putChunk(upload, 0, bytes, { ...headers, "content-length": undefined, "transfer-encoding": "chunked" }),
    };
    for (const [code, answer] of Object.entries(errors)) {
      assertProblem(answer, code);
      assertCors(answer);
    }
  });
});

test("where all origins are listed, any may call, but none with credentials", async (t) => {
  const open = await startServer({ args: ["--cors-origin", "*"] });
  t.after(() => open.stop());
  const answer = await create(open, { size: 1, name: "a" }, { origin: "https://any.example" });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers["access-control-allow-origin"], "*");
  assert.equal(answer.headers["access-control-allow-credentials"], undefined);
});

test("further request headers can be allowed", async (t) => {
  const other = await startServer({ args: ["--cors-origin", listed, "--cors-header", "X-Tenant"] });
  t.after(() => other.stop());
  const headers = { origin: listed, "access-control-request-method": "POST", "access-control-request-headers": "x-tenant" };
  const answer = await request(`${other.url}/uploads`, { method: "OPTIONS", headers });
  assert.ok(words(answer.headers["access-control-allow-headers"]).includes("x-tenant"));
});

describe("without an origin", () => {
  test("requests are served, without CORS headers but with Vary", async () => {
    const answer = await create(server, { size: 1, name: "a" }, right);
    assert.equal(answer.status, 201);
    assertNoCors(answer);
    assert.ok(words(answer.headers.vary).includes("origin"));
  });
});

describe("the server's own origin", () => {
  for (const own of ["https://files.example"]) {
    test(`${own} is served`, async () => {
      const answer = await create(server, { size: 1, name: "a" }, { ...right, origin: own, host: "files.example" });
      assert.equal(answer.status, 201);
    });
  }

  test("is the listen address where no public URL is given", async (t) => {
    const plain = await startServer();
    t.after(() => plain.stop());
    const own = { origin: plain.url };
    assert.equal((await create(plain, { size: 1, name: "a" }, own)).status, 201);
    assertProblem(await create(plain, { size: 1, name: "a" }, { origin: "http://127.0.0.1:1" }), "forbidden");
    assertProblem(await create(plain, { size: 1, name: "a" }, { origin: plain.url.replace("http:", "https:") }), "forbidden");
  });
});

describe("Host", () => {
  for (const host of ["evil.example", "127.0.0.1.evil.example", "files.example.evil.example", "127.0.0.1:1"]) {
    test(`${host} is refused`, async () => {
      const answer = await create(server, { size: 1, name: "a" }, { ...right, host });
      assertProblem(answer, "forbidden");
    });
  }

  test("the public URL's is served, and Location is absolute under it", async () => {
    const answer = await create(server, { size: 1, name: "a" }, { ...right, host: "files.example" });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, `https://files.example/up/uploads/${answer.json.id}`);
  });

  test("localhost stands for the loopback address", async (t) => {
    const plain = await startServer();
    t.after(() => plain.stop());
    const headers = { host: `localhost:${plain.port}`, origin: `http://localhost:${plain.port}` };
    assert.equal((await create(plain, { size: 1, name: "a" }, headers)).status, 201);
  });
});

/** @param {string} path @param {string} origin */
function preflight(path, origin) {
  const headers = {
    origin,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "authorization,content-digest,content-range,content-type,idempotency-key",
  };
  return request(`${server.url}/uploads${path}`, { method: "OPTIONS", headers });
}
