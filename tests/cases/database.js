// @ts-check
// IndexedDB from outside the module: what other tabs and other versions do.

/** @param {string} name @param {number} [version] else the present one @returns {Promise<IDBDatabase>} */
const open = (name, version) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {string} name @param {string} store @param {object[]} objects */
async function putInto(name, store, objects) {
  const database = await open(name);
  const transaction = database.transaction(store, "readwrite");
  for (const object of objects) transaction.objectStore(store).put(object);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}

/** @param {string} name @param {string} store */
async function allOf(name, store) {
  const database = await open(name);
  const request = database.transaction(store).objectStore(store).getAll();
  await new Promise((resolve) => (request.onsuccess = resolve));
  database.close();
  return request.result;
}

/** Puts any objects beside the records. @param {string} name @param {object[]} objects */
export const put = (name, objects) => putInto(name, "records", objects);

/** @param {string} name @param {object} lease */
export const putLease = (name, lease) => putInto(name, "leases", [lease]);

/** All records, as JSON. @param {string} name */
export const dump = async (name) => JSON.stringify(await allOf(name, "records"));

/** @param {string} name */
export const leases = (name) => allOf(name, "leases");

/** Deletes the database; false when an open connection is in the way. @param {string} name @returns {Promise<boolean>} */
export const remove = (name) =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onblocked = () => resolve(false);
    request.onsuccess = () => resolve(true);
  });

/** Upgrades the database to a version of the future. @param {string} name */
export async function upgrade(name) {
  (await open(name, 3)).close();
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

/** Makes the database as the first version did, with a record. @param {string} name @param {object} record */
export async function makeFirstVersion(name, record) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore("records", { keyPath: "id" });
    store.createIndex("file", ["namespace", "endpoint", "fingerprint"]);
    store.createIndex("expires", "expires");
    store.put(record);
  };
  await new Promise((resolve) => (request.onsuccess = resolve));
  request.result.close();
}

/** Keeps an older version of a database open. @param {string} name @param {number} version @returns {Promise<() => void>} ends it */
export async function standInTheWay(name, version) {
  const database = await open(name, version);
  return () => database.close();
}

/** Fails puts of some objects as a full disk does: with the whole transaction. @param {(object: any) => boolean} failing */
export function failPuts(failing) {
  const original = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (/** @type {any[]} */ ...args) {
    const request = original.apply(this, /** @type {any} */ (args));
    if (failing(args[0])) this.transaction.abort();
    return request;
  };
  return () => void (IDBObjectStore.prototype.put = original);
}
