// Pictures that were picked, to be taken along in one ZIP.

import { announce, one } from "../dom.js";
import { fill, words } from "../words.js";

const MOST = 50;

/** Start the bar of picked pictures; `change(look, wanted)` picks one or lets it go. */
export function startPicking(bar) {
  const picked = new Set();
  const show = () => {
    bar.hidden = picked.size === 0;
    one(".many", bar).textContent = fill(words.looks.picked, { count: picked.size });
    one(".take", bar).href = archiveOf([...picked], one("select", bar).value);
  };
  const clear = () => {
    picked.clear();
    for (const input of document.querySelectorAll("#gallery .pick")) input.checked = false;
    show();
  };
  one("select", bar).addEventListener("change", show);
  one(".clear", bar).addEventListener("click", clear);
  return {
    change(look, wanted) {
      if (wanted && picked.size >= MOST) {
        const box = document.querySelector(`[data-look="${look.id}"] .pick`);
        if (box) box.checked = false;
        return announce(fill(words.looks.picked_most, { count: MOST }));
      }
      if (wanted) picked.add(look.id);
      else picked.delete(look.id);
      show();
    },
  };
}

/** Return where pictures are packed, with how each was made. */
export function archiveOf(ids, form = "png") {
  const asked = new URLSearchParams(ids.map((id) => ["job", id]));
  asked.set("form", form);
  return `/v1/generations/archive.zip?${asked}`;
}
