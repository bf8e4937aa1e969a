// Photos by state; those that did not get on, by reason; and putting them back on their way.

import { address, api } from "../api.js";
import { make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { act, sure, tell } from "./asking.js";
import { follow } from "./rows.js";
import { moment } from "./times.js";

const told = words.operations;
const STATES = ["pending", "analyzed", "not_fashion", "failed", "buried"];
const MANY = 24;
const SIDE = 320;
let changed = () => {};

/** `after` is called when photos were retried. */
export function startPhotos(after) {
  changed = after;
  one("#shown-close").addEventListener("click", () => one("#shown").close());
}

/** Draw `/v1/operations/photos`. */
export function showPhotos(photos, section) {
  const { counts, oldest_pending: oldest, reasons } = photos;
  const tiles = STATES.map((state) => ({ state, count: counts[state] }));
  follow(one(".tiles", section), tiles, { key: (tile) => tile.state, draw: drawTile });
  const line = one(".oldest", section);
  if (oldest) line.replaceChildren(moment(oldest.since, told.oldest_pending));
  else line.textContent = "";
  const none = tiles.every((tile) => tile.count === 0);
  one("#troubled").hidden = reasons.length === 0;
  showRetryAll(counts.buried);
  follow(one(".reasons", section), reasons, { key: keyOf, draw: drawReason });
  if (reasons.length) return "";
  return none ? told.no_photos : told.no_trouble;
}

const keyOf = (reason) => `${reason.state} ${reason.stage} ${reason.reason}`;
const many = (number) =>
  number === 1 ? told.photo_one : fill(told.photo_many, { count: count(number) });

function drawTile(tile) {
  const bad = (tile.state === "failed" || tile.state === "buried") && tile.count > 0;
  return make("div", { class: bad ? "bad" : "" },
    make("dt", {}, told.count[tile.state]), make("dd", {}, count(tile.count)));
}

function showRetryAll(buried) {
  const button = one("#retry-buried");
  button.hidden = buried === 0;
  button.textContent = fill(told.retry_all_buried, { count: count(buried) });
  button.onclick = () => act(button, () => retry({ state: "buried" }, buried));
}

function drawReason(reason) {
  const { state, stage } = reason;
  const choice = { state, reason: reason.reason, ...(state === "failed" ? { stage } : {}) };
  const again = make("button", { type: "button", data: { does: "retry" } },
    fill(told.retry_these, { count: many(reason.photos) }));
  again.addEventListener("click", () => act(again, () => retry(choice, reason.photos)));
  const show = make("button", { type: "button", data: { does: "show" } }, told.show);
  show.addEventListener("click", () => showTroubled(choice, reason.photos));
  return make("li", { class: state === "buried" ? "away" : "attention" },
    make("p", { class: "line" },
      make("span", { class: `tag ${state === "buried" ? "away" : "attention"}` }, told[state]),
      make("strong", {}, many(reason.photos)),
      make("span", {}, stage ? fill(told.at_stage, { stage }) : told.stage_unknown),
      moment(reason.last_at, told.last_at)),
    make("p", { class: "reason" }, reason.reason || "–"),
    make("p", { class: "does" }, show, again));
}

async function retry(choice, number, { ask = true } = {}) {
  const title = fill(told.retry_title, { count: many(number) });
  if (ask && !(await sure({ title, text: told.retry_text, yes: told.retry_yes }))) return false;
  const json = Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== null));
  const key = crypto.randomUUID?.();
  const done = await api("/v1/operations/photos/retry", { json, key });
  const later = done.announced < done.retried ? told.retried_later : told.retried;
  const lines = [done.retried ? fill(later, { count: many(done.retried) }) : told.retried_none];
  if (done.left) lines.push(fill(told.retried_left, { left: count(done.left) }));
  tell(lines.join(" "));
  changed();
  return true;
}

async function showTroubled(choice, number) {
  one("#shown-title").textContent = many(number);
  one("#shown-reason").textContent = choice.reason;
  one("#shown-photos").replaceChildren();
  one("#shown").showModal();
  await more(choice, null);
}

async function more(choice, cursor) {
  const state = one("#shown-state");
  const button = one("#shown-more");
  state.textContent = words.common.loading;
  button.hidden = true;
  try {
    const query = { ...choice, cursor, limit: MANY };
    const page = await api("/v1/operations/photos/troubled", { query });
    one("#shown-photos").append(...page.photos.map(drawPhoto));
    state.textContent = one("#shown-photos").children.length ? "" : told.none_left;
    button.hidden = page.next === null;
    button.onclick = () => more(choice, page.next);
  } catch (error) {
    const again = make("button", { type: "button", onclick: () => more(choice, cursor) }, words.common.again);
    state.replaceChildren(`${error.message} `, again);
  }
}

function drawPhoto(photo) {
  const name = fill(told.photo, { id: photo.id.slice(0, 12) });
  const nothing = make("span", { class: "no-picture" }, told.no_picture);
  const src = photo.links.picture && address(photo.links.picture, { side: SIDE });
  const picture = src
    ? make("img", { src, alt: name, loading: "lazy", onerror: () => picture.replaceWith(nothing) })
    : nothing;
  const again = make("button", { type: "button", "aria-label": `${told.retry_one}: ${name}` }, told.retry_one);
  const row = make("li", { data: { key: photo.id } }, picture,
    make("p", {}, make("code", { title: photo.id }, photo.id.slice(0, 12)), " ", photo.source),
    make("p", { class: "quiet" },
      moment(photo.at, photo.state === "buried" ? told.when_buried : told.when_failed), " · ",
      fill(told.attempts, { count: photo.attempts }), " · ",
      moment(photo.received_at, told.received)),
    make("p", { class: "row" }, again, make("a", { class: "plain", href: photo.links.self }, told.details)));
  again.addEventListener("click", () => act(again, async () => {
    await retry({ photo_ids: [photo.id] }, 1, { ask: false });
    row.remove();
    if (!one("#shown-photos").children.length) one("#shown-state").textContent = told.none_left;
    one("#shown-close").focus();
  }));
  return row;
}
