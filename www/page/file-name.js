// @ts-check

/**
 * Shows a file's name so that its end, which tells files apart, stays in sight however narrow the place is: of a long
 * name the style shortens the first part only. The element's text stays the whole name.
 * @param {HTMLElement} element
 * @param {string} name
 */
export function showName(element, name) {
  const shown = printable(name);
  const letters = graphemes(shown);
  const tailLength = letters.length > LONG ? TAIL : 0;
  const parts = [letters.slice(0, letters.length - tailLength), letters.slice(letters.length - tailLength)];
  const spans = parts.filter((part) => part.length > 0).map((part) => {
    const span = document.createElement("span");
    span.textContent = part.join("");
    return span;
  });
  element.replaceChildren(...spans);
  element.title = shown;
}

/**
 * A name without what would break lines, or turn the letters after it around to look like another name.
 * @param {string} name
 */
export function printable(name) {
  return name.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

/**
 * The letters as readers see them; a family emoji or an accent is never cut in two.
 * @param {string} text
 */
function graphemes(text) {
  if (!("Segmenter" in Intl)) return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

// In letters.
const LONG = 18;
const TAIL = 10;
