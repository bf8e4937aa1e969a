// The photos behind a number, with garments drawn over them, whose they are and by what right.

import { address, api } from "./api.js";
import { make, one } from "./dom.js";
import { date } from "./format.js";
import { beSomebody } from "./session.js";
import { fill, language, words } from "./words.js";

const MANY = 12;
let asked = null;

/** Open the drawer on the photos of `query` (of /v1/trends/photos), under a title. */
export async function openDrawer(query, name) {
  const drawer = one("#drawer");
  asked = Object.fromEntries(new URLSearchParams(query));
  const { since, until } = asked;
  const period = since === until ? words.trend.drawer_week : words.trend.drawer_period;
  const told = fill(period, { week: date(since), last: date(until) });
  one("#drawer-title").textContent = `${name} · ${told}`;
  one("#drawer-photos").replaceChildren();
  one(".close", drawer).onclick = () => drawer.close();
  drawer.onclick = (event) => event.target === drawer && drawer.close();
  if (!drawer.open) drawer.showModal();
  await more(null);
}

async function more(cursor) {
  const state = one("#drawer-state");
  const button = one("#drawer-more");
  state.textContent = words.common.loading;
  button.hidden = true;
  try {
    if (document.documentElement.dataset.role === undefined) await beSomebody();
    const page = await api("/v1/trends/photos", { query: { ...asked, cursor, limit: MANY } });
    one("#drawer-photos").append(...page.photos.map(figure));
    state.textContent = one("#drawer-photos").children.length ? "" : words.trend.drawer_none;
    button.hidden = page.next === null;
    button.onclick = () => more(page.next);
  } catch (error) {
    const again = make("button", { type: "button", onclick: () => more(cursor) }, words.common.again);
    state.replaceChildren(`${error.message} `, again);
  }
}

function figure(photo) {
  const garments = photo.garments.map((garment) => garment.label).join(", ");
  const picture = photo.links.overlay
    ? make("img", { src: address(photo.links.overlay, { lang: language }), alt: garments, loading: "lazy" })
    : make("div", { class: "unseen-photo" }, words.trend.drawer_hidden);
  return make("figure", {}, picture, make("figcaption", {}, ...credit(photo)));
}

function credit(photo) {
  const post = photo.posts[0];
  const models = photo.models.map((model) => `${model.name} ${model.version}`).join(", ");
  const seen = models ? fill(words.trend.models, { models }) : null;
  if (!post) return [seen];
  const line = [post.credit, post.source, post.licence ?? words.trend.licence_unknown];
  const link = post.url
    ? make("a", { href: post.url, rel: "noopener noreferrer nofollow" }, words.trend.open_post)
    : null;
  return [line.filter(Boolean).join(" · "), " ", link, seen ? make("br") : null, seen];
}
