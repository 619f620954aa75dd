// @ts-check

/**
 * Goes through many items in slices, between which the page stays usable, also where it is hidden.
 * @template T
 * @param {Iterable<T>} items
 * @param {(item: T) => void} visit
 */
export async function inSlices(items, visit) {
  let start = performance.now();
  for (const item of items) {
    visit(item);
    if (performance.now() - start < SLICE_MS) continue;
    await nextTask();
    start = performance.now();
  }
}

/** A message rather than a timer: those of a hidden page come once a second. */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

const SLICE_MS = 10;
