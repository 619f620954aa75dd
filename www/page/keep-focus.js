// @ts-check

/**
 * Makes a change in which a focused control may vanish, and then hands the focus on: without this it would fall back to
 * the start of the page, and somebody at a keyboard would have to find the place again.
 * @param {Element} part where the change happens
 * @param {() => void} change
 * @param {(vanished: Element) => Iterable<HTMLElement>} heirs who may have the focus, the best one first
 */
export function keepFocus(part, change, heirs) {
  const focused = document.activeElement;
  const isHere = focused !== null && part.contains(focused);
  // Named before the change: afterwards a removed row has no neighbours.
  const candidates = isHere ? [...heirs(focused)] : [];
  change();
  if (!isHere || isUsable(focused)) return;
  candidates.find(isUsable)?.focus({ preventScroll: true });
}

/** @param {Element} element */
function isUsable(element) {
  return element.isConnected && element.closest("[hidden]") === null && !element.matches(":disabled");
}
