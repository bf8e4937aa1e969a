// What an answer holds beside its words, by kind.

import { make } from "../dom.js";
import { price, share } from "../format.js";
import { fill, words } from "../words.js";
import { outfitCard } from "./outfit.js";
import { trendCard } from "./trend.js";

const KINDS = {
  outfit: outfitCard,
  item: itemCard,
  trend: trendCard,
  palette: paletteCard,
  preferences: preferencesCard,
};

/** Return a card's element; null for a kind that this page does not know. */
export function cardOf(card, place) {
  return KINDS[card.kind]?.(card, place) ?? null;
}

/** Return an article's name, with a link to its shop where it has one. */
export function shopLink(item) {
  if (!/^https?:/i.test(item.link)) return item.title;
  return make(
    "a",
    { href: item.link, target: "_blank", rel: "noopener noreferrer" },
    item.title,
    make("span", { class: "unseen" }, ` (${words.chat.to_shop})`),
  );
}

/** Return a colour as a dot. */
export function dot(hex) {
  const spot = make("span", { class: "dot", "aria-hidden": "true" });
  if (hex) spot.style.backgroundColor = hex;
  return spot;
}

function itemCard({ item, score }) {
  const gone = (event) => event.target.remove();
  return make(
    "article",
    { class: "card item" },
    make("img", { src: item.picture, alt: item.title, loading: "lazy", onerror: gone }),
    make("h2", {}, shopLink(item)),
    make("p", { class: "small quiet" }, dot(item.hex), `${item.label} · ${price(item.price)}`),
    score > 0 ? make("p", { class: "small" }, fill(words.chat.likeness, { share: share(score) })) : null,
  );
}

function paletteCard(card) {
  const swatches = card.colors.map((color) => {
    const field = make("span", { class: "field", "aria-hidden": "true" });
    field.style.backgroundColor = color.hex;
    return make("li", {}, field, make("span", { class: "small" }, color.name));
  });
  return make(
    "article",
    { class: "card palette" },
    make("h2", {}, fill(words.chat.palette, { season: card.label })),
    make("ul", { class: "swatches" }, swatches),
    certainty(card.probabilities),
  );
}

/** Return the probabilities of the seasons as bars. */
export function certainty(probabilities) {
  const told = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  if (!told.length) return make("p", { class: "small quiet" }, words.chat.not_judged);
  const rows = told.map(([season, value]) => {
    const name = words.chat.seasons[season];
    const bar = make("meter", { min: 0, max: 1, value, "aria-label": `${name} ${share(value)}` });
    return make(
      "li",
      {},
      make("span", {}, name),
      bar,
      make("span", { class: "number", "aria-hidden": "true" }, share(value)),
    );
  });
  return make(
    "div",
    {},
    make("p", { class: "small quiet" }, words.chat.certainty),
    make("ul", { class: "bars" }, rows),
  );
}

function preferencesCard(card, { does }) {
  const rows = card.preferences.details.slice(0, 8).map((one) => {
    const liked = one.kind === "avoid" || one.weight < 0 ? "−" : "+";
    const taste = ["style", "item", "color", "pattern", "avoid"].includes(one.kind);
    return make("li", { class: "tag" }, `${taste ? liked : ""}${one.label}`);
  });
  return make(
    "article",
    { class: "card" },
    make("ul", { class: "chips" }, rows),
    make("p", {}),
    make("button", { type: "button", onclick: does.preferences }, words.chat.known_open),
  );
}
