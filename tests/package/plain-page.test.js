// @ts-check
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { installedProject } from "./installed.js";
import { assertUploadsFrom } from "./upload-from.js";

const consumer = join(import.meta.dirname, "consumer");

/** The installed package beside a page with plain module scripts: no build step at all. */
async function plainPage() {
  const project = await installedProject();
  copyFileSync(join(consumer, "plain.html"), join(project, "index.html"));
  copyFileSync(join(consumer, "main.js"), join(project, "main.js"));
  return project;
}

test("a plain page uploads a file", async () => {
  await assertUploadsFrom(await plainPage(), { secure: true });
});

test("a plain page uploads a file from a plain-http origin", async () => {
  await assertUploadsFrom(await plainPage(), { secure: false });
});
