// Making and finding elements. Text is always text: nothing here reads HTML.

/** Make an element: make("a", { href, class, onclick, data: {} }, "text", child, …). */
export function make(name, traits = {}, ...children) {
  const svg = name === "svg" || SVG.has(name);
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [trait, value] of Object.entries(traits)) {
    if (value === undefined || value === null || value === false) continue;
    if (trait.startsWith("on")) element.addEventListener(trait.slice(2), value);
    else if (trait === "data") Object.assign(element.dataset, value);
    else element.setAttribute(trait, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = new Set(["path", "polyline", "polygon", "rect", "circle", "line", "g"]);

/** Return the first match, or null. */
export const one = (selector, root = document) => root.querySelector(selector);

/** Return all matches. */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Say something to who listens instead of looking. */
export function announce(text) {
  const live = one("#live");
  live.textContent = "";
  // A change is heard, the same text again is not.
  requestAnimationFrame(() => (live.textContent = text));
}
