// A look: its board, its pieces with prices and shops, why it was chosen, and what to say to it.

import { send } from "../api.js";
import { make } from "../dom.js";
import { price } from "../format.js";
import { fill, words } from "../words.js";
import { dot, shopLink } from "./cards.js";

const TRIES = 120;
const PLACES = ["one", "two", "three", "four", "five", "six"];

/** Return an outfit's card; `at` is its place among the looks of its answer, from 0. */
export function outfitCard(card, { at, does }) {
  return make(
    "article",
    { class: "card outfit", "aria-label": card.title },
    board(card),
    make("h2", {}, make("span", { class: "place", "aria-hidden": "true" }, at + 1), card.title),
    make("ul", { class: "pieces" }, card.items.map(piece)),
    make("p", { class: "sum number" }, fill(words.chat.total, { price: price(card.total) })),
    reasons(card),
    says(card, at, does),
  );
}

function piece(item) {
  return make(
    "li",
    {},
    dot(item.hex),
    make("span", {}, shopLink(item), make("span", { class: "quiet small" }, ` ${item.label}`)),
    make("span", { class: "number" }, price(item.price)),
    item.alike?.length ? alike(item.alike) : null,
  );
}

function alike(items) {
  const rows = items.map((one) => make("li", {}, shopLink(one), ` ${price(one.price)}`));
  return make(
    "details",
    { class: "small" },
    make("summary", {}, words.chat.alike),
    make("ul", {}, rows),
  );
}

function reasons(card) {
  const told = make("ul", {}, card.reasons.map((text) => make("li", {}, text)));
  const tip = card.tip && make("p", {}, make("strong", {}, `${words.chat.tip}: `), card.tip);
  return make(
    "details",
    { class: "why small" },
    make("summary", {}, words.chat.why),
    told,
    tip,
  );
}

// They say it in words: the talk goes on with them, and what was said can be read later.
function says(card, at, does) {
  const nth = words.chat.nth[PLACES[at]];
  if (!nth) return null;
  const about = { nth: nth[0].toUpperCase() + nth.slice(1) };
  const press = (text, label, title) =>
    make(
      "button",
      { type: "button", "aria-label": `${label}: ${title}`, onclick: () => does.say(text) },
      label,
    );
  const inside = { nth };
  const started = (text) => (text.startsWith("{") ? fill(text, about) : fill(text, inside));
  return make(
    "div",
    { class: "row says" },
    press(started(words.chat.say_like), words.chat.like, card.title),
    press(started(words.chat.say_not_this), words.chat.not_this, card.title),
    press(started(words.chat.say_draw), words.chat.draw, card.title),
  );
}

// A board is drawn when it is first asked for: until then the answer is 202 with a time to wait.
function board(card) {
  const status = make("p", { class: "quiet small" }, words.chat.board_waits);
  const frame = make("div", { class: "board" }, status);
  const seen = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      fetched(card.board).then(
        (blob) => frame.replaceChildren(picture(blob, card.title)),
        () => (status.textContent = words.chat.board_gone),
      );
    },
    { rootMargin: "400px" },
  );
  seen.observe(frame);
  return frame;
}

function picture(blob, title) {
  const src = URL.createObjectURL(blob);
  const done = () => URL.revokeObjectURL(src);
  return make("img", { src, alt: fill(words.chat.board_alt, { title }), onload: done });
}

async function fetched(path) {
  for (let number = 0; number < TRIES; number += 1) {
    const response = await send(path);
    if (response.status === 200) return response.blob();
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
  throw new Error("the board takes too long");
}
