// A look that was counted: the photo where this key may see it, else the shapes of its garments.

import { address } from "../api.js";
import { make } from "../dom.js";
import { date } from "../format.js";
import { fill, language, words } from "../words.js";
import { columns, garmentsOf, list, toggle } from "./parts.js";
import { keepTrying, wearOf } from "./tiles.js";

const SIDE = 1280;

/** Return what is shown of a street look. */
export function streetOf(look) {
  return columns(stage(look), [garmentsOf(look), about(look), deeds(look)]);
}

function stage({ links, ...look }) {
  const large = (path) => address(path, { side: SIDE });
  if (!links.picture && !links.figure) return [make("p", { class: "quiet" }, words.looks.no_picture)];
  const src = large(links.picture ?? links.figure);
  const kind = links.picture ? "" : "is-figure";
  const image = make("img", { src, alt: wearOf(look), class: kind });
  keepTrying(image);
  const parts = [image];
  if (links.overlay) {
    const drawn = address(links.overlay, { lang: language });
    parts.push(toggle(words.looks.overlay, (on) => (image.src = on ? drawn : src)));
  }
  if (!links.picture) parts.push(make("p", { class: "quiet small" }, words.looks.hidden_photo));
  return parts;
}

function about(look) {
  const models = look.models.map((model) => `${model.name} ${model.version}`).join(", ");
  return make(
    "section",
    {},
    make("h3", {}, words.looks.about),
    list([
      [words.looks.week, date(look.week)],
      [words.looks.style, look.style_label],
      [words.looks.posts, look.posts.length ? make("ul", { class: "posts" }, look.posts.map(post)) : null],
      [words.looks.models, models],
    ]),
  );
}

function post({ url, source, licence, credit }) {
  const line = [credit, source, licence ?? words.trend.licence_unknown].filter(Boolean).join(" · ");
  const link = url && make("a", { href: url, rel: "noopener noreferrer nofollow" }, words.trend.open_post);
  return make("li", {}, line, " ", link);
}

function deeds(look) {
  const { picture, overlay } = look.links;
  const ask = new URLSearchParams({ lang: language, say: fill(words.looks.say_like, { wear: wearOf(look) }) });
  return make(
    "section",
    { class: "row deeds" },
    make("a", { class: "button main", href: `/chat?${ask}` }, words.looks.ask_like),
    picture &&
      make("a", { class: "button", href: address(picture, { side: SIDE }), download: `look-${look.id.slice(0, 8)}.jpg` }, words.looks.take_photo),
    overlay &&
      make("a", { class: "button", href: address(overlay, { lang: language }), download: `look-${look.id.slice(0, 8)}-garments.png` }, words.looks.take_overlay),
  );
}
