// @ts-check
import { createReadStream } from "node:fs";
import { extname, join, normalize } from "node:path";

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

/**
 * Answers a GET with a file of the contender's page.
 * @param {string} folder
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
export function sendFile(folder, request, response) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const path = normalize(pathname === "/" ? "/index.html" : pathname);
  createReadStream(join(folder, path))
    .once("error", () => response.writeHead(404).end())
    .once("open", () => response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream"))
    .pipe(response);
}
