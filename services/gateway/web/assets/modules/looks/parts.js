// What both kinds of looks show closely: the stage with its picture, and the garments in words.

import { make } from "../dom.js";
import { share } from "../format.js";
import { words } from "../words.js";
import { dot } from "./tiles.js";

/** Return the two columns: what is seen, and what is known of it. */
export function columns(stage, facts) {
  return [make("div", { class: "stage" }, stage), make("div", { class: "facts" }, facts)];
}

/** Return the garments with their colours by name. */
export function garmentsOf(look) {
  const lines = look.garments.map((garment) => {
    const pattern = garment.pattern_label;
    const colors = garment.colors.map((color) =>
      make(
        "li",
        {},
        dot(color),
        color.name,
        color.share === null ? null : make("span", { class: "quiet" }, ` ${share(color.share)}`),
      ),
    );
    return make(
      "li",
      {},
      make("strong", {}, garment.label),
      pattern ? make("span", { class: "tag" }, pattern) : null,
      make("ul", { class: "colors" }, colors),
    );
  });
  const nothing = make("p", { class: "quiet" }, words.looks.no_garments);
  const list = lines.length ? make("ul", { class: "garments-of" }, lines) : nothing;
  return make("section", {}, make("h3", {}, words.looks.garments), list);
}

/** Return a button that is on or off; `change(on)` follows it. */
export function toggle(text, change) {
  const button = make("button", { type: "button", "aria-pressed": "false" }, text);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    change(on);
  });
  return button;
}

/** Return facts as a list of names and values; those without a value are left out. */
export function list(facts) {
  const told = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const lines = told.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("dl", { class: "about" }, lines);
}
