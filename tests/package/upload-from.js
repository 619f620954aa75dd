// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { engine, openBrowser } from "../support/browser.js";
import { freePort } from "../support/free-port.js";
import { startServer } from "../support/server.js";

const SIZE_BYTES = 3 * 1024 * 1024 + 4321;
const UPLOAD_LIMIT_MS = 30_000;

/** What consumer/main.js uploads. */
const sha256 = createHash("sha256")
  .update(Uint8Array.from({ length: SIZE_BYTES }, (_, i) => (i * 31 + (i >> 8)) % 251))
  .digest("hex");

/**
 * Lets the real server serve a page that consumer/main.js is part of, opens it in Chromium, and asserts that its file
 * arrives whole.
 * @param {string} folder
 * @param {{secure: boolean}} origin a plain-http origin other than localhost has no WebCrypto: the package's worker hashes
 */
export async function assertUploadsFrom(folder, { secure }) {
  const port = await freePort();
  const origin = secure ? `http://127.0.0.1:${port}` : `http://${engine.insecureHost}:${port}`;
  const server = await startServer({ port, args: ["--static", folder, "--public-url", origin] });
  try {
    const browser = await openBrowser();
    try {
      await browser.get(origin);
      const { contentUrl, ...told } = await resultOf(browser);
      assert.deepEqual(told, { name: "a.bin", size: SIZE_BYTES, digest: sha256, secure });
      const { pathname } = new URL(contentUrl, origin);
      assert.equal(await digestOf(`${server.url}${pathname}`), sha256);
    } finally {
      await browser.quit();
    }
  } finally {
    await server.stop();
  }
}

/** @param {import("../support/browser.js").WebDriver} browser */
async function resultOf(browser) {
  const deadline = Date.now() + UPLOAD_LIMIT_MS;
  for (;;) {
    const text = await browser.executeScript("return document.querySelector('#result')?.textContent");
    if (text) return JSON.parse(text);
    assert.ok(Date.now() < deadline, `the page says nothing after ${UPLOAD_LIMIT_MS} ms`);
    await browser.sleep(50);
  }
}

/** @param {string} url */
async function digestOf(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  return createHash("sha256").update(Buffer.from(await answer.arrayBuffer())).digest("hex");
}
