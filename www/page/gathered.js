// @ts-check

/**
 * A function that does something a while after it is called, once for all calls in between.
 * @param {() => void} act
 * @param {number} delayMs
 */
export function gathered(act, delayMs) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      act();
    }, delayMs);
  };
}
