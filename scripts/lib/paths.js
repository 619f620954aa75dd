// @ts-check
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the work tree, without a trailing slash. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where cargo puts what it builds; `CARGO_TARGET_DIR` moves it, as it does for cargo itself. */
export const targetDir = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

/** The folder the demo is served from: links into the work tree, so that an edit shows after a reload. */
export const demoDir = resolve(root, "target/demo");
