// @ts-check
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.js";
import { openBrowser } from "../support/browser.js";
import { startServer } from "../support/server.js";
import { installedProject } from "./installed.js";

const UPLOAD_LIMIT_MS = 30_000;

/** The first example of the README, to the letter. */
function example() {
  const [, html] = readFileSync(join(root, "README.md"), "utf8").match(/```html\n([\s\S]*?)```/) ?? [];
  assert.ok(html, "the README has an example");
  return html;
}

test("the README's example uploads the file that is picked", async () => {
  const project = await installedProject();
  writeFileSync(join(project, "index.html"), `<!doctype html><meta charset="utf-8">\n${example()}`);
  const bytes = randomBytes(5_000_000);
  const picked = join(project, "picked.bin");
  writeFileSync(picked, bytes);

  const server = await startServer({ args: ["--static", project] });
  try {
    const browser = await openBrowser();
    try {
      await browser.get(server.url);
      await browser.wait(
        () => browser.executeScript("return document.getElementById('file').onchange !== null"),
        UPLOAD_LIMIT_MS,
      );
      await browser.findElement({ id: "file" }).sendKeys(picked);
      const result = () => browser.executeScript("return document.getElementById('result').value");
      await browser.wait(result, UPLOAD_LIMIT_MS);
      const [contentUrl, digest] = /** @type {string} */ (await result()).split(" ");
      assert.equal(digest, createHash("sha256").update(bytes).digest("hex"));
      const stored = await fetch(new URL(contentUrl, server.url));
      assert.ok(Buffer.from(await stored.arrayBuffer()).equals(bytes));
      assert.equal(await browser.executeScript("return document.getElementById('bar').value"), 1);
    } finally {
      await browser.quit();
    }
  } finally {
    await server.stop();
  }
});
