// @ts-check
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The paths of the files that hold an upload's bytes, wherever they are in the data folder.
 * @param {{dataDir: string}} server
 * @param {{id: string}} upload
 */
export function storedFiles({ dataDir }, { id }) {
  const paths = readdirSync(dataDir, { recursive: true }).map(String);
  return paths.filter((path) => path.endsWith(id)).map((path) => join(dataDir, path));
}
