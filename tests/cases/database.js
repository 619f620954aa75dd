// @ts-check
// IndexedDB from outside the module: what other tabs and other versions do.

/** @param {string} name @param {number} version @returns {Promise<IDBDatabase>} */
const open = (name, version) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      if (!request.result.objectStoreNames.contains("records")) request.result.createObjectStore("records", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Puts any objects beside the records. @param {string} name @param {object[]} objects */
export async function put(name, objects) {
  const database = await open(name, 1);
  const transaction = database.transaction("records", "readwrite");
  for (const object of objects) transaction.objectStore("records").put(object);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}

/** All that is stored, as JSON. @param {string} name @returns {Promise<string>} */
export async function dump(name) {
  const database = await open(name, 1);
  const request = database.transaction("records").objectStore("records").getAll();
  await new Promise((resolve) => (request.onsuccess = resolve));
  database.close();
  return JSON.stringify(request.result);
}

/** Deletes the database; false when an open connection is in the way. @param {string} name @returns {Promise<boolean>} */
export const remove = (name) =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onblocked = () => resolve(false);
    request.onsuccess = () => resolve(true);
  });

/** Upgrades the database to a version of the future. @param {string} name */
export async function upgrade(name) {
  (await open(name, 2)).close();
}

/** The durability of each transaction that writes, from now on. @returns {string[]} */
export function watchDurability() {
  /** @type {string[]} */
  const seen = [];
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (/** @type {any[]} */ ...args) {
    const transaction = original.apply(this, /** @type {any} */ (args));
    if (transaction.mode === "readwrite") seen.push(transaction.durability);
    return transaction;
  };
  return seen;
}
