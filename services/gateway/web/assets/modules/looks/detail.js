// One look closely, over the gallery and under an address of its own; back leads back.

import { api } from "../api.js";
import { make, one } from "../dom.js";
import { fill, words } from "../words.js";
import { drawingOf } from "./drawing.js";
import { streetOf } from "./street.js";
import { addressOf, tileOf, wearOf } from "./tiles.js";

const dialog = one("#look");
let shown = null;
let deep = 0;

/** Look at a look; the address says so. */
export function openDetail(id) {
  deep += 1;
  history.pushState({ deep }, "", addressOf(id));
  show(id);
}

/** Follow the address: what it names is looked at. */
export function startDetail() {
  one(".close", dialog).addEventListener("click", leave);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && leave());
  addEventListener("popstate", (event) => {
    deep = event.state?.deep ?? 0;
    follow();
  });
  follow();
}

function follow() {
  const id = new URLSearchParams(location.search).get("look");
  if (id) show(id);
  else if (dialog.open) dialog.close();
}

// Where one came from the gallery, back is there; a shared address leads to the gallery first.
function leave() {
  if (deep > 0) return history.go(-deep);
  const address = new URL(location.href);
  address.searchParams.delete("look");
  history.replaceState(null, "", address);
  follow();
}

async function show(id) {
  shown = id;
  const [title, body, state] = ["#look-title", "#look-body", "#look-state"].map((name) => one(name));
  title.textContent = words.looks.look;
  body.replaceChildren();
  state.textContent = words.common.loading;
  if (!dialog.open) dialog.showModal();
  try {
    const look = await api(`/v1/looks/${encodeURIComponent(id)}`);
    if (shown !== id) return;
    title.textContent = wearOf(look);
    state.textContent = "";
    const parts = look.kind === "street" ? streetOf(look) : await drawingOf(look, () => show(id));
    if (shown !== id) return;
    body.replaceChildren(...parts, similar(look));
    title.focus();
    dialog.scrollTop = 0;
  } catch (error) {
    if (shown !== id) return;
    const text = error.status === 404 || error.status === 422 ? words.looks.gone : error.message;
    const again = make("button", { type: "button", onclick: () => show(id) }, words.common.again);
    state.replaceChildren(make("span", { class: "wrong" }, text), " ", again);
  }
}

function similar(look) {
  const list = make("ul", { class: "strip" });
  const state = make("p", { class: "quiet", role: "status" }, words.common.loading);
  const section = make(
    "section",
    { class: "similar", "aria-labelledby": "similar-title" },
    make("h3", { id: "similar-title" }, words.looks.similar),
    state,
    list,
    make("p", {}, make("a", { class: "button", href: likeAddress(look.id) }, words.looks.all_similar)),
  );
  fetchSimilar(look, list, state);
  return section;
}

function likeAddress(id) {
  const asked = new URLSearchParams({ like: id });
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) asked.set("lang", lang);
  return `/looks?${asked}`;
}

async function fetchSimilar(look, list, state) {
  try {
    const found = await api(look.links.similar, { query: { limit: 12 } });
    const tiles = found.looks.map((one) => make("li", { class: "tile" }, tileOf(one, { open: openDetail })));
    list.replaceChildren(...tiles);
    const told = fill(words.looks.compared, { count: found.compared });
    state.textContent = tiles.length ? told : words.looks.no_similar;
  } catch (error) {
    const again = make("button", { type: "button" }, words.common.again);
    again.addEventListener("click", () => fetchSimilar(look, list, state));
    state.replaceChildren(make("span", { class: "wrong" }, error.message), " ", again);
  }
}
