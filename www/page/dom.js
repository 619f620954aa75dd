// @ts-check

/**
 * The element in a part of the page that has a role.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} role
 * @returns {T}
 */
export function byRole(parent, role) {
  return find(parent, `[data-role="${role}"]`);
}

/**
 * The element that the page is known to have.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {T}
 */
export function find(parent, selector) {
  const element = /** @type {T | null} */ (parent.querySelector(selector));
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/**
 * A copy of the one element in a template.
 * @param {string} id
 */
export function fromTemplate(id) {
  const template = /** @type {HTMLTemplateElement} */ (find(document, `template#${id}`));
  const element = template.content.firstElementChild;
  if (!element) throw new Error(`the template ${id} is empty`);
  return /** @type {HTMLElement} */ (element.cloneNode(true));
}

/**
 * Changes a text, only if it is another one: a selection in it stays, and nothing is laid out again.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Hides or shows; hidden elements that had the focus give it away by `keepFocus`.
 * @param {HTMLElement} element
 * @param {boolean} shown
 */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}
