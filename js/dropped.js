// @ts-check

/**
 * One file of a drop. One that is `lost` can't be read: the `File` has its name and nothing else.
 * @typedef {{file: File, handle?: FileSystemFileHandle, path?: string, lost?: boolean}} Dropped
 *
 * @typedef {FileSystemHandle | FileSystemEntry | File} Root
 */

/**
 * The files of a drop, those in its folders included, in batches. A drop can be read only while its event lasts, so it is
 * taken hold of at once; the folders are walked later.
 * @param {DataTransfer} dataTransfer
 * @returns {AsyncGenerator<Dropped[]>}
 */
export function dropped(dataTransfer) {
  const items = dataTransfer?.items;
  if (!items) throw new TypeError("addDropped() takes the dataTransfer of a drop event");
  return walk([...items].filter(({ kind }) => kind === "file").map(rootOf));
}

/**
 * @param {DataTransferItem} item
 * @returns {Promise<Root | null>}
 */
async function rootOf(item) {
  // All are asked before anything is waited for. A handle is best; a file is better than its entry, which WebKit can't
  // open when the file has no path.
  const handle = "getAsFileSystemHandle" in item ? /** @type {any} */ (item).getAsFileSystemHandle() : null;
  const entry = item.webkitGetAsEntry?.();
  const other = entry?.isDirectory ? entry : item.getAsFile();
  return (await Promise.resolve(handle).catch(() => null)) ?? other;
}

/** @param {Promise<Root | null>[]} roots */
async function* walk(roots) {
  const taken = await Promise.all(roots);
  yield* files(taken.filter((root) => root !== null), "");
}

/**
 * @param {Root[]} found
 * @param {string} folder the path of the folder they are in, with a slash at its end
 * @returns {AsyncGenerator<Dropped[]>}
 */
async function* files(found, folder) {
  yield await Promise.all(found.filter((one) => !isFolder(one)).map((one) => open(one, folder)));
  for (const one of found.filter(isFolder)) {
    const folderPath = `${folder}${one.name}/`;
    try {
      for await (const batch of children(/** @type {any} */ (one))) yield* files(batch, folderPath);
    } catch {
      yield [lost(one.name, folder)];
    }
  }
}

/** @param {Root} one */
function isFolder(one) {
  return ("kind" in one && one.kind === "directory") || ("isDirectory" in one && one.isDirectory);
}

/**
 * What is in a folder, a hundred at a time.
 * @param {FileSystemDirectoryHandle | FileSystemDirectoryEntry} folder
 * @returns {AsyncGenerator<Root[]>}
 */
async function* children(folder) {
  if ("createReader" in folder) {
    const reader = folder.createReader();
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      yield batch;
    }
  }
  /** @type {Root[]} */
  let batch = [];
  for await (const child of folder.values()) {
    if (batch.push(child) < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

const BATCH = 100;

/**
 * @param {Root} one
 * @param {string} folder
 * @returns {Promise<Dropped>}
 */
async function open(one, folder) {
  const path = folder && folder + one.name;
  try {
    if (one instanceof File) return { file: one };
    if ("kind" in one) {
      const handle = /** @type {FileSystemFileHandle} */ (one);
      return { file: await handle.getFile(), handle, path };
    }
    const entry = /** @type {FileSystemFileEntry} */ (one);
    return { file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path };
  } catch {
    return lost(one.name, folder);
  }
}

/**
 * @param {string} name
 * @param {string} folder
 * @returns {Dropped}
 */
function lost(name, folder) {
  return { file: new File([], name), path: folder && folder + name, lost: true };
}
