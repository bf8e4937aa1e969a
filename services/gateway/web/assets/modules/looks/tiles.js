// One look as a tile: its picture, or the shapes of its garments; what is worn; a box to pick it.

import { address, api } from "../api.js";
import { make } from "../dom.js";
import { date } from "../format.js";
import { fill, words } from "../words.js";

const TRIES = 4;
const AGAIN_MS = 4000;
const FINAL = ["done", "failed", "cancelled"];

/** Return a look's tile; `does.open(id)` looks closely, `does.pick(look, wanted)` picks it. */
export function tileOf(look, does) {
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    does.open(look.id);
  };
  const parts = [
    make("a", { class: "look", href: addressOf(look.id), onclick: open }, pictureOf(look), worn(look)),
  ];
  if (does.pick && look.kind === "drawn" && look.links.picture) parts.push(box(look, does.pick));
  const tile = make("article", { class: `of-${look.kind}`, data: { look: look.id } }, parts);
  if (look.kind === "drawn" && !FINAL.includes(look.state)) follow(tile, look, does);
  return tile;
}

/** Return where a look is seen closely, with the filters of this page. */
export function addressOf(id) {
  const asked = new URLSearchParams(location.search);
  asked.set("look", id);
  return `/looks?${asked}`;
}

/** Return what is worn, in words: "navy trousers, white skirt". */
export function wearOf(look) {
  const told = look.garments.map(({ label, colors }) => [colors[0]?.basic_label, label]);
  return told.map((pair) => pair.filter(Boolean).join(" ")).join(", ") || words.looks.no_garments;
}

/** Return a garment's colour as a dot. */
export function dot(color) {
  const mark = make("span", { class: `swatch ink-${color.basic}`, "aria-hidden": "true" });
  if (color.hex) mark.style.setProperty("--ink-of", color.hex);
  return mark;
}

function pictureOf(look) {
  const { picture, figure } = look.links;
  if (look.kind === "drawn") {
    if (!picture) return make("span", { class: "picture is-waiting" }, words.looks[look.state]);
    return image(look, picture, "size");
  }
  if (picture) return image(look, picture, "side");
  if (figure) return image(look, figure, "side", "is-figure");
  return make("span", { class: "picture is-waiting" }, words.looks.no_picture);
}

function image(look, path, name, kind = "") {
  const at = (side) => address(path, { [name]: side });
  const picture = make("img", {
    alt: "", // what is worn stands below
    loading: "lazy",
    decoding: "async",
    width: 300,
    height: 400,
    sizes: "(max-width: 40rem) 45vw, 14rem",
    srcset: `${at(240)} 240w, ${at(480)} 480w`,
    src: at(480),
  });
  keepTrying(picture);
  return make("span", { class: `picture ${kind}` }, picture);
}

/** Ask for a picture again, a little later, where many at once were too many for a moment. */
export function keepTrying(picture) {
  let tries = 0;
  picture.addEventListener("error", () => {
    tries += 1;
    if (tries > TRIES) {
      picture.replaceWith(make("span", { class: "quiet small" }, words.looks.no_picture));
      return;
    }
    const name = picture.srcset ? "srcset" : "src";
    const wanted = picture[name];
    setTimeout(() => {
      if (picture[name] !== wanted) return; // another one is shown by now
      picture[name] = wanted;
    }, AGAIN_MS * tries);
  });
}

function worn(look) {
  const dots = look.garments.flatMap(({ colors }) => (colors[0] ? [dot(colors[0])] : []));
  const when =
    look.kind === "street"
      ? fill(words.looks.week_of, { week: date(look.week) })
      : date(look.created_at);
  const about = [when, look.style_label];
  if (look.served_by === "lookbook") about.push(words.looks.board);
  if (look.parent) about.push(words.looks.changed);
  if (look.pictures > 1) about.push(fill(words.looks.variants, { count: look.pictures }));
  return make(
    "span",
    { class: "worn" },
    make("span", { class: "dots-of" }, dots),
    make("span", { class: "wear" }, wearOf(look)),
    make("span", { class: "quiet small" }, about.filter(Boolean).join(" · ")),
  );
}

function box(look, pick) {
  const input = make("input", { type: "checkbox", class: "pick" });
  input.addEventListener("change", () => pick(look, input.checked));
  const label = fill(words.looks.pick, { wear: wearOf(look) });
  return make("label", { class: "tick" }, input, make("span", { class: "unseen" }, label));
}

// A picture that is being drawn comes by itself.
async function follow(tile, look, does) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (!tile.isConnected) return;
    const now = await api(`/v1/looks/${look.id}`).catch(() => look);
    if (now.state === look.state) continue;
    tile.replaceWith(tileOf(now, does));
    return;
  }
}
