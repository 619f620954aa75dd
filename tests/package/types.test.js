// @ts-check
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../../scripts/lib/paths.js";
import { installedProject } from "./installed.js";

const run = promisify(execFile);

const SOURCE = `
import { createUploader } from "upferry";

const uploader = await createUploader({ endpoint: "/uploads" });
const upload = uploader.add(new File(["hello"], "hello.txt"));
const { contentUrl, digest }: { contentUrl: string; digest: string | null } = await upload.done;
// @ts-expect-error an option that does not exist
await createUploader({ endpoint: "/uploads", chunksize: 1 });
export { contentUrl, digest };
`;

for (const module of ["nodenext", "preserve"]) {
  test(`the installed types check in a strict project (module: ${module})`, async () => {
    const project = await installedProject();
    writeFileSync(join(project, "main.ts"), SOURCE);
    const options = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023,dom", "--types", "", "--module", module];
    try {
      await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, "main.ts"], { cwd: project });
    } catch (error) {
      // tsc says what is wrong on stdout.
      throw new Error(/** @type {{stdout?: string}} */ (error).stdout ?? String(error));
    }
  });
}
