// @ts-check
// Counts the bytes of a PUT and drops them: the least that a server can do. `GET /sink` tells what the last PUT was;
// with `PUT /sink` after `POST /sink`, its SHA-256 too, which costs time: not while measuring.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { sendFile } from "./files.js";
import { listen } from "./listen.js";

const [folder] = process.argv.slice(2);

let hashNext = false;
/** @type {{size: number, sha256: string | null}} */
let last = { size: 0, sha256: null };

const server = createServer((request, response) => {
  if (request.url !== "/sink") return sendFile(folder, request, response);
  if (request.method === "GET") return response.end(JSON.stringify(last));
  if (request.method === "POST") {
    hashNext = true;
    return response.end();
  }
  const hash = hashNext ? createHash("sha256") : null;
  hashNext = false;
  let size = 0;
  request.on("data", (/** @type {Buffer} */ bytes) => {
    size += bytes.length;
    hash?.update(bytes);
  });
  request.on("end", () => {
    last = { size, sha256: hash?.digest("hex") ?? null };
    response.writeHead(204).end();
  });
});
// The default cuts a request off after 5 minutes, which a large file on a slow machine may take.
server.requestTimeout = 0;
listen(server);
