// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes, seededRandom } from "../support/bytes.js";
import { content, complete, createWith } from "../support/protocol.js";
import { head, rawConnection } from "../support/raw-connection.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(UNIT);
const upload = await createWith(server, bytes);
await complete(upload);
const host = `127.0.0.1:${server.port}`;
const dataPath = `/uploads/${upload.id}/data`;

/** @type {Record<string, string>} */
const requests = {
  "bytes that are no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
  "no host": head("GET /healthz HTTP/1.1", { connection: "close" }),
  "an empty host": head("POST /uploads HTTP/1.1", { host: "", "content-type": "application/json", "content-length": 21, connection: "close" }) + '{"size":1,"name":"a"}',
  "a NUL in the path": head(`GET /uploads/${upload.id}\0/content HTTP/1.1`, { host, connection: "close" }),
  "a raw path that climbs": head("GET /uploads/../../../../etc/passwd HTTP/1.1", { host, connection: "close" }),
  "an absolute target on another host": head("GET http://evil.example/uploads HTTP/1.1", { host: "evil.example", connection: "close" }),
  "two lengths": head(`PUT ${dataPath} HTTP/1.1`, { host, "content-length": 1, "Content-Length": 2, connection: "close" }) + "ab",
  "a negative length": head(`PUT ${dataPath} HTTP/1.1`, { host, "content-length": -1, connection: "close" }),
  "an absurd length": head(`PUT ${dataPath} HTTP/1.1`, { host, "content-length": "99999999999999999999999", connection: "close" }),
  "a length and chunks": head(`PUT ${dataPath} HTTP/1.1`, { host, "content-length": 5, "transfer-encoding": "chunked", connection: "close" }) + "0\r\n\r\n",
  "a broken chunk": head(`PUT ${dataPath} HTTP/1.1`, { host, "transfer-encoding": "chunked", connection: "close" }) + "zz\r\n",
  "a megabyte of headers": head("GET /healthz HTTP/1.1", { host, "x-large": "x".repeat(1 << 20), connection: "close" }),
};

for (const [what, bytesSent] of Object.entries(requests)) {
  test(`${what}: refused or closed, and the server lives`, async () => {
    const connection = await rawConnection(server);
    await connection.send(Buffer.from(bytesSent, "latin1")).catch(() => {});
    connection.socket.end();
    const answer = await connection.readToEnd().catch(() => "");
    assert.match(answer, /^(HTTP\/1\.[01] [45]\d\d |$)/, answer.slice(0, 200));
    assert.ok(!answer.includes("root:"), "a file of the system");
    assert.deepEqual((await content(upload)).body, bytes);
  });
}

test("random bytes, with and without a request line: the server lives", async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const connection = await rawConnection(server);
    const start = round % 2 ? `PUT ${dataPath} HTTP/1.1\r\nhost: ${host}\r\n` : "";
    await connection.send(Buffer.concat([Buffer.from(start), randomBytes(1 + random(2000), round)])).catch(() => {});
    connection.close();
  }
  assert.deepEqual((await content(upload)).body, bytes);
});
