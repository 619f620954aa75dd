// @ts-check

/** @typedef {{paint(now: number): void}} Painter */

/**
 * Paints as soon as the browser draws next, once however often it was asked for.
 *
 * A frame takes only as many painters as fit into its share of time, in the order in which they asked; the others have
 * the next one: a thousand new rows never hold the page up.
 * @param {Painter} painter
 */
export function paintSoon(painter) {
  waiting.add(painter);
  request ??= requestAnimationFrame(paintAll);
}

/** @param {number} now */
function paintAll(now) {
  request = null;
  const start = performance.now();
  for (const painter of waiting) {
    if (performance.now() - start > BUDGET_MS) break;
    waiting.delete(painter);
    painter.paint(now);
  }
  if (waiting.size > 0) request ??= requestAnimationFrame(paintAll);
}

/** @type {Set<Painter>} */
const waiting = new Set();

/** @type {number | null} */
let request = null;

const BUDGET_MS = 8;
