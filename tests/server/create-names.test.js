// @ts-check
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { sha256Hex } from "../support/bytes.js";
import { complete, content, createWith, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = Buffer.from("the file's bytes");

const names = {
  "a way up": "../../../../etc/passwd",
  "an absolute path": "/etc/passwd",
  "a Windows path": "C:\\Windows\\..\\a.txt",
  "dots": "..",
  "nothing": "",
  "NUL": "a\0b.txt",
  "control characters": "a\r\nSet-Cookie: x=1\r\n\r\n\x1b[2J.txt",
  "quotes": `a"; filename="evil.html`,
  "percent escapes": "%2e%2e%2f%00",
  "Chinese characters": "视频一.mp4",
  "right-to-left override": "exe\u202efdp.txt",
  "an emoji": "🦀.rs",
  "10,000 characters": "长".repeat(10_000),
  "a combining form": "e\u0301.txt",
};

for (const [what, name] of Object.entries(names)) {
  test(`a name with ${what} is kept as data`, async () => {
    const upload = await createWith(server, bytes, { name });
    assert.equal((await status(upload)).json.name, name);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
    assertSafeDisposition(await content(upload));
  });
}

test("no name shows in the data folder, and nothing lies outside of it", async () => {
  const before = readdirSync(`${server.dataDir}/..`).sort();
  const upload = await createWith(server, bytes, { name: "../needle-in-a-path" });
  await complete(upload);
  const paths = readdirSync(server.dataDir, { recursive: true }).map(String);
  assert.ok(paths.some((path) => path.endsWith(upload.id)), "the file lies under its id");
  assert.ok(!paths.some((path) => path.includes("needle")), "a name became part of a path");
  assert.ok(!readdirSync(`${server.dataDir}/..`).some((path) => path.includes("needle") && !before.includes(path)));
});

test("two names of one length whose ASCII letters agree are two uploads", async () => {
  const [one, two] = [await createWith(server, bytes, { name: "视频一.mp4" }), await createWith(server, bytes, { name: "视频二.mp4" })];
  assert.notEqual(one.id, two.id);
});

/** @param {import("../support/protocol.js").Answer} answer */
function assertSafeDisposition({ status, headers, body }) {
  assert.equal(status, 200);
  assert.deepEqual(body, bytes);
  const disposition = String(headers["content-disposition"]);
  assert.match(disposition, /^attachment\b/);
  assert.match(disposition, /^[\x20-\x7e]*$/, "printable ASCII only");
  assert.ok(disposition.length < 4096, `a header of ${disposition.length} bytes`);
  assert.equal(headers["set-cookie"], undefined);
  for (const [, value] of disposition.matchAll(/filename="([^"]*)"/g)) assert.doesNotMatch(value, /[/\\]/);
}
