// What was counted, as a table that has its small curves.

import { api } from "../api.js";
import { make } from "../dom.js";
import { change, count, date, share, week } from "../format.js";
import { fill, words } from "../words.js";

const [WIDTH, HEIGHT] = [96, 28];

/** Return a trend's card. */
export function trendCard(card) {
  const curves = new Map();
  const rows = card.rows.map((row) => rowOf(row, card.by, curves));
  const table = make(
    "table",
    {},
    make("caption", {}, caption(card)),
    make("thead", {}, head(card)),
    make("tbody", {}, rows),
  );
  if (card.links.series) fillCurves(card.links.series, card.by, curves);
  const scroll = make("div", { class: "scroll", tabindex: 0, role: "region" }, table);
  scroll.setAttribute("aria-label", caption(card));
  return make("article", { class: "card trend" }, scroll);
}

function caption(card) {
  if (!card.since || !card.until) return "";
  const told = fill(words.chat.looks_counted, {
    count: count(card.looks),
    since: date(card.since),
    until: date(card.until),
  });
  return card.running ? `${told} · ${words.chat.running_week}` : told;
}

function head() {
  const column = (...told) => make("th", { scope: "col" }, ...told);
  const range = make("span", { class: "quiet range" }, words.chat.interval);
  return make(
    "tr",
    {},
    make("td", {}),
    column(words.chat.share, range),
    make("td", {}),
    column(words.chat.looks),
    column(words.chat.growth),
  );
}

function rowOf(row, by, curves) {
  const curve = make("td", { class: "curve" });
  curves.set(keyOf(row.values, by), curve);
  const [low, high] = row.interval;
  const stage = row.stage && make("span", { class: `tag ${row.stage}` }, words.chat.stage[row.stage]);
  return make(
    "tr",
    {},
    make(
      "th",
      { scope: "row" },
      nameOf(row.labels),
      stage ? " " : null,
      stage,
      row.forecast ? make("p", { class: "small quiet" }, ahead(row.forecast)) : null,
    ),
    make("td", {}, share(row.share), make("span", { class: "quiet range" }, `${share(low)}–${share(high)}`)),
    curve,
    make("td", {}, count(row.looks)),
    make("td", {}, change(row.growth_4w)),
  );
}

const ORDER = ["style", "color", "pattern", "family", "item", "source"];

/** "black trousers": as people say it, and as the answer's words do. */
const nameOf = (labels) => ORDER.map((name) => labels[name]).filter(Boolean).join(" ");

function ahead(forecast) {
  const [low, high] = forecast.interval.map(share);
  return fill(words.chat.forecast, {
    week: week(forecast.week),
    share: share(forecast.share),
    low,
    high,
  });
}

const keyOf = (values, by) => by.map((name) => values[name]).join("|");

async function fillCurves(path, by, curves) {
  const told = await api(path).catch(() => null);
  for (const one of told?.series ?? []) {
    // A week that is not over is no point of a curve: by Tuesday it would look like a fall.
    const whole = told.running ? one.shares.slice(0, -1) : one.shares;
    curves.get(keyOf(one.values, by))?.append(curveOf(whole));
  }
}

/** Return shares by week (null: nothing was counted) as a line. */
function curveOf(shares) {
  const top = Math.max(...shares.map((value) => value ?? 0)) || 1;
  const step = WIDTH / Math.max(shares.length - 1, 1);
  const points = shares
    .map((value, at) => (value === null ? null : [at * step, HEIGHT - 3 - (value / top) * (HEIGHT - 6)]))
    .filter(Boolean)
    .map((point) => point.map((number) => number.toFixed(1)).join(","));
  const values = shares.filter((value) => value !== null).map(share).join(", ");
  return make(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: "img",
      "aria-label": fill(words.chat.curve_alt, { values }),
    },
    make("polyline", { points: points.join(" ") }),
  );
}
