// The lookbook: looks that pass the filters of the address, more of them as one scrolls, and the
// one that is looked at closely, whose address can be shared.

import { api } from "../api.js";
import { make, one } from "../dom.js";
import { count } from "../format.js";
import { beSomebody } from "../session.js";
import { fill, words } from "../words.js";
import { openDetail, startDetail } from "./detail.js";
import { startPicking } from "./picking.js";
import { tileOf } from "./tiles.js";

const MANY = 24;
const MOST_ALIKE = 48;
const gallery = one("#gallery");
const state = one("#gallery-state");
const more = one("#more");
const query = Object.fromEntries(new URLSearchParams(gallery.dataset.query));
const picking = startPicking(one("#picked"));
let next = null;
let busy = false;

async function load() {
  if (busy) return;
  busy = true;
  gallery.setAttribute("aria-busy", "true");
  more.hidden = true;
  state.textContent = words.common.loading;
  try {
    show(await page());
  } catch (error) {
    const again = make("button", { type: "button", onclick: load }, words.common.again);
    state.replaceChildren(make("span", { class: "wrong" }, error.message), " ", again);
  }
  gallery.removeAttribute("aria-busy");
  busy = false;
  lookForMore();
}

// Looks like a look are ranked, the nearest first: there is one page of them.
async function page() {
  const { like, kind, ...filters } = query;
  if (!like) return api("/v1/looks", { query: { ...query, cursor: next, limit: MANY } });
  const path = `/v1/looks/${encodeURIComponent(like)}/similar`;
  const { looks } = await api(path, { query: { ...filters, limit: MOST_ALIKE } });
  return { looks, count: looks.length, next: null };
}

function show(page) {
  for (const shape of gallery.querySelectorAll(".shape")) shape.remove();
  const does = { open: openDetail, pick: picking.change };
  gallery.append(...page.looks.map((look) => make("li", { class: "tile" }, tileOf(look, does))));
  next = page.next;
  state.textContent = "";
  if (page.count !== null) tellCount(page.count);
  more.hidden = next === null;
}

function tellCount(found) {
  const text = found >= 1000 ? words.looks.count_many : words.looks.count;
  one("#count").textContent = found ? fill(text, { count: count(found) }) : "";
  one("#nothing").hidden = found > 0;
  one("#hidden-photos").hidden = found === 0 || query.kind !== "street" || !anyHidden();
}

const anyHidden = () => gallery.querySelector(".picture.is-figure") !== null;

// Where the end of the list comes into sight the next page is fetched; the button is for who
// prefers it, or whose browser waits.
const sight = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && next && load(),
  { rootMargin: "600px" },
);

function lookForMore() {
  sight.unobserve(more);
  if (next !== null) sight.observe(more);
}

function signInFirst() {
  gallery.replaceChildren();
  state.textContent = "";
  one("#sign-in-first").hidden = false;
}

async function start() {
  if (matchMedia("(min-width: 48rem)").matches) one(".sieve").open = true;
  more.addEventListener("click", load);
  try {
    if (document.documentElement.dataset.role === undefined) await beSomebody();
  } catch (error) {
    if (error.reason === "no_guests") return signInFirst();
    const again = make("button", { type: "button", onclick: start }, words.common.again);
    return state.replaceChildren(make("span", { class: "wrong" }, error.message), " ", again);
  }
  startDetail();
  await load();
}

start();
