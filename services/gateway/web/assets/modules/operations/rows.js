// A list that follows the data without flicker: what did not change is not touched, and what has
// the focus keeps it.

/**
 * Let the children of `parent` show `items`.
 *
 * @param {Element} parent
 * @param {object[]} items
 * @param {object} how `key(item)` tells one from another; `draw(item)` makes its element
 */
export function follow(parent, items, { key, draw }) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const held = parent.contains(document.activeElement) ? document.activeElement : null;
  const at = held?.closest("[data-key]")?.dataset.key;
  const what = held?.dataset.does;
  let before = null;
  for (const item of items) {
    const name = key(item);
    const is = JSON.stringify(item);
    let row = known.get(name);
    known.delete(name);
    if (row?.dataset.is !== is) {
      const drawn = draw(item);
      drawn.dataset.key = name;
      drawn.dataset.is = is;
      row?.replaceWith(drawn);
      row = drawn;
    }
    const next = before ? before.nextSibling : parent.firstChild;
    if (next !== row) parent.insertBefore(row, next);
    before = row;
  }
  for (const gone of known.values()) gone.remove();
  if (held && !held.isConnected) again(parent, at, what);
}

function again(parent, at, what) {
  const row = [...parent.children].find((child) => child.dataset.key === at);
  const button = row && what ? row.querySelector(`[data-does="${what}"]`) : null;
  const heading = parent.closest("section").querySelector("h2");
  heading.tabIndex = -1; // a heading takes the focus only where it is given
  (button ?? heading).focus();
}
