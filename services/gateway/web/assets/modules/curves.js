// Curves of shares by week: what was counted with its 95 % interval, and what may come.

import { api } from "./api.js";
import { make, one } from "./dom.js";
import { date, share, week } from "./format.js";
import { beSomebody } from "./session.js";
import { fill, words } from "./words.js";

const HORIZON = 8;
const HEIGHT = 288;
const COLORS = ["--series-a", "--series-b", "--series-c", "--series-d"];

let told = null;
let chart = null;
let watcher = null;

/** Draw the rows `picks` (values joined by ~); `remove(key)` is for the legend's buttons. */
export async function drawCurves(section, picks, names, remove) {
  const state = one("#chart-state", section);
  chart?.destroy();
  chart = null;
  one("#legend", section).replaceChildren();
  one("#chart-numbers", section).hidden = true;
  if (!picks.length) {
    state.textContent = words.trend.compare_none;
    return;
  }
  try {
    told ??= ask(section.dataset);
    const figures = await told;
    const rows = picks.map((key) => rowOf(figures, key, names)).filter((row) => row !== null);
    state.textContent = "";
    legend(section, rows, remove);
    numbers(section, figures, rows);
    draw(section, figures, rows);
  } catch (error) {
    told = null;
    state.replaceChildren(
      `${error.message} `,
      make("button", { type: "button", onclick: () => drawCurves(section, picks, names, remove) },
        words.common.again),
    );
  }
}

async function ask({ query }) {
  if (document.documentElement.dataset.role === undefined) await beSomebody();
  const asked = Object.fromEntries(new URLSearchParams(query));
  const [ahead, past] = await Promise.all([
    api("/v1/trends/forecast", { query: { ...asked, horizon: HORIZON, limit: 100 } }),
    api("/v1/trends/series", { query: { ...asked, limit: 100 } }),
  ]);
  const known = new Map(past.series.map((one) => [keyOf(one, past.by), one.intervals]));
  return { ahead, weeks: past.weeks, known };
}

const keyOf = (row, by) => by.map((name) => row.values[name]).join("~");

function rowOf({ ahead, weeks, known }, key, names) {
  const row = ahead.series.find((one) => keyOf(one, ahead.by) === key);
  if (!row) return null;
  const name = names.get(key) ?? ahead.by.map((by) => row.labels[by]).join(" ");
  const intervals = new Map(weeks.map((day, at) => [day, known.get(key)?.[at]]));
  const bounds = ahead.weeks.map((day) => intervals.get(day) ?? [null, null]);
  return { ...row, key, name, bounds };
}

function legend(section, rows, remove) {
  one("#legend", section).replaceChildren(
    ...rows.map((row, at) =>
      make("li", {},
        make("span", { class: `key series-${at}` }, row.name),
        row.reason ? make("span", { class: "quiet small" }, ` · ${words.trend[`no_forecast_${row.reason}`]}`) : null,
        make("button", {
          type: "button", class: "plain", "aria-label": fill(words.trend.remove, { name: row.name }),
          onclick: () => remove(row.key),
        }, "✕"),
      ),
    ),
  );
}

// The same as a table, for who listens or wants the numbers.
function numbers(section, { ahead }, rows) {
  const known = rows.map((row) => row.shares.map((value, at) => told95(value, row.bounds[at])));
  const coming = rows.map((row) =>
    ahead.ahead.map((_, at) =>
      row.ahead ? told95(row.ahead.middle[at], [row.ahead.low80[at], row.ahead.high80[at]]) : "–",
    ),
  );
  const line = (day, cells, note) =>
    make("tr", {}, make("th", { scope: "row" }, date(day) + note), ...cells.map((cell) => make("td", {}, cell)));
  const body = [
    ...ahead.weeks.map((day, at) => line(day, known.map((cells) => cells[at]), "")),
    ...ahead.ahead.map((day, at) => line(day, coming.map((cells) => cells[at]), ` (${words.trend.forecast})`)),
  ];
  const heads = [words.trend.week, ...rows.map((row) => row.name)];
  one("#chart-numbers .scroll", section).replaceChildren(
    make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...body)),
  );
  one("#chart-numbers", section).hidden = false;
}

const told95 = (value, [low, high]) =>
  value === null ? "–" : `${share(value)} (${share(low)}–${share(high)})`;

function draw(section, { ahead }, rows) {
  const place = one("#chart", section);
  const days = [...ahead.weeks, ...ahead.ahead.filter((day) => !ahead.weeks.includes(day))];
  const data = [days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000)];
  const series = [{}];
  const bands = [];
  const style = getComputedStyle(document.documentElement);
  rows.forEach((row, at) => {
    const color = style.getPropertyValue(COLORS[at]).trim();
    const start = data.length;
    for (const values of curvesOf(ahead, row, days)) data.push(values);
    const hidden = { stroke: "transparent", points: { show: false } };
    series.push(
      { label: row.name, stroke: color, width: 2.5, points: { show: false } }, hidden, hidden,
      { stroke: color, width: 2, dash: [6, 5], points: { show: false } }, hidden, hidden,
    );
    bands.push(
      { series: [start + 2, start + 1], fill: `${color}2e` },
      { series: [start + 5, start + 4], fill: `${color}1f` },
    );
  });
  const options = { width: place.clientWidth || section.clientWidth - 32, height: HEIGHT, series, bands,
    legend: { show: false }, cursor: { show: false }, axes: axes(style), scales: scales(data) };
  chart = new window.uPlot(options, data, place);
  watcher ??= new ResizeObserver(() => chart?.setSize({ width: section.clientWidth - 32, height: HEIGHT }));
  watcher.observe(section);
}

// Six curves of a row: share, low, high, and the forecast's, which begins where the counts end.
function curvesOf(ahead, row, days) {
  const told = row.ahead;
  const known = new Map(ahead.weeks.map((day, at) => [day, at]));
  const coming = new Map(ahead.ahead.map((day, at) => [day, at]));
  // The first looks of a week say little, and would stretch the scale: its forecast is shown.
  const past = (values) =>
    days.map((day) => (told && coming.has(day) ? null : (values[known.get(day)] ?? null)));
  const lastKnown = ahead.weeks.filter((day) => !coming.has(day)).at(-1);
  const next = (values) =>
    days.map((day) =>
      day === lastKnown ? row.shares[known.get(day)] : (values?.[coming.get(day)] ?? null));
  return [
    past(row.shares), past(row.bounds.map((pair) => pair[0])), past(row.bounds.map((pair) => pair[1])),
    told ? next(told.middle) : days.map(() => null),
    told ? next(told.low80) : days.map(() => null),
    told ? next(told.high80) : days.map(() => null),
  ];
}

function scales(data) {
  const most = Math.max(...data.slice(1).flat().filter((value) => value !== null), 0.001);
  return { x: { time: true }, y: { range: [0, most * 1.08] } };
}

function axes(style) {
  const ink = { stroke: style.getPropertyValue("--quiet").trim(), grid: { stroke: style.getPropertyValue("--line").trim(), width: 1 } };
  const font = { font: `13px ${style.getPropertyValue("--font")}` };
  const dayOf = (second) => week(new Date(second * 1000).toISOString().slice(0, 10));
  return [
    { ...ink, ...font, space: 80, values: (_, seconds) => seconds.map(dayOf) },
    { ...ink, ...font, size: 64, values: (_, values) => values.map((value) => share(value)) },
  ];
}
