// @ts-check
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunkHeaders, complete, content, createWith, request, sendJson } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(UNIT);
const upload = await createWith(server, bytes);
await complete(upload);

for (const id of [
  "0".repeat(32),
  "f".repeat(32),
  upload.id.toUpperCase().replace(/^\d+$/, "ABCDEF"),
  upload.id.slice(1),
  `${upload.id}0`,
  `${upload.id}%00`,
  `${upload.id}%20`,
  `${upload.id}.`,
  `%2e%2e`,
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "..%2f..%2fledger.sqlite",
  "..%5c..%5cwindows",
  "%00",
  "%ff%fe",
  "%",
  "%zz",
  "'%20OR%201=1--",
  "é".normalize("NFC").replace("é", "%c3%a9"),
  "a".repeat(8000),
  encodeURIComponent(`${upload.id}/../${upload.id}`),
]) {
  test(`the id ${id.slice(0, 60)} is no upload, whatever is asked of it`, async () => {
    const url = `${server.url}/uploads/${id}`;
    assertProblem(await request(url), "upload-not-found");
    assertProblem(await request(`${url}/content`), "upload-not-found");
    assertProblem(await request(`${url}/chunks`), "upload-not-found");
    assertProblem(await request(url, { method: "DELETE" }), "upload-not-found");
    assertProblem(await sendJson(url, "PATCH", { state: "paused" }), "upload-not-found");
    assertProblem(await sendJson(`${url}/complete`, "POST", {}), "upload-not-found");
    const headers = chunkHeaders(upload, 0, bytes);
    assertProblem(await request(`${url}/data`, { method: "PUT", headers, body: bytes }), "upload-not-found");
    assert.deepEqual((await content(upload)).body, bytes);
  });
}

for (const path of ["/uploads/..", "/uploads/../../etc/passwd", "/uploads//content", "/uploads/./data", "//uploads", "/uploads/" + upload.id + "/nothing", "/uploads/" + upload.id + "/content/../../x", "/", "/etc/passwd", "/files"]) {
  test(`${path.replace(upload.id, "<id>")} leads nowhere`, async () => {
    const answer = await request(server.url + path);
    assert.ok(answer.status === 404 || answer.status === 405, `answered with ${answer.status}`);
    assert.ok(!answer.body.includes("root:"), "a file of the system");
    assert.deepEqual((await content(upload)).body, bytes);
  });
}

test("nothing was made by any of this", () => {
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.filter(({ name }) => name === upload.id).length, 1);
  assert.deepEqual(files.filter(({ name }) => /^[0-9a-f]{32}/.test(name) && name !== upload.id), []);
});
