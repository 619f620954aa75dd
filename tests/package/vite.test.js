// @ts-check
import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../../scripts/lib/paths.js";
import { installedProject } from "./installed.js";
import { assertUploadsFrom } from "./upload-from.js";

const run = promisify(execFile);
const consumer = join(import.meta.dirname, "consumer");

/** What `vite build` makes, with no configuration, of a project that imports the package. */
async function viteBuild() {
  const project = await installedProject();
  copyFileSync(join(consumer, "vite.html"), join(project, "index.html"));
  copyFileSync(join(consumer, "main.js"), join(project, "main.js"));
  await run(process.execPath, [join(root, "node_modules/vite/bin/vite.js"), "build"], { cwd: project });
  return join(project, "dist");
}

test("a page built with Vite uploads a file", async () => {
  await assertUploadsFrom(await viteBuild(), { secure: true });
});

test("a page built with Vite uploads a file from a plain-http origin", async () => {
  await assertUploadsFrom(await viteBuild(), { secure: false });
});
