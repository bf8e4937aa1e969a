// Saved views and alerts of who is signed in.

import { api } from "./api.js";
import { announce, make, one } from "./dom.js";
import { change, count, week } from "./format.js";
import { fill, words } from "./words.js";

/** Start the two forms, where the page has them. */
export function startViews() {
  const save = one("#save");
  if (!save) return;
  start(save, saveView, showViews);
  start(one("#watch"), watch, showAlerts);
}

function start(form, send, show) {
  const wrong = one(".wrong", form);
  const run = async (work) => {
    wrong.textContent = "";
    try {
      await work();
    } catch (error) {
      wrong.textContent = error.message;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(async () => {
      announce(await send(Object.fromEntries(new FormData(form))));
      one("[name=name]", form).value = "";
      await show();
    });
  });
  form.addEventListener("forget", (event) =>
    run(async () => {
      await api(event.detail, { method: "DELETE" });
      await show();
    }),
  );
  run(show);
}

function query() {
  const asked = Object.fromEntries(new URLSearchParams(one("#compare").dataset.query));
  return { ...asked, weeks: Number(asked.weeks) };
}

async function saveView({ name }) {
  await api("/v1/views", { json: { name, query: query() } });
  return fill(words.trend.saved, { name });
}

async function showViews() {
  const { views } = await api("/v1/views");
  list("#views", views, words.trend.no_views, (view) => {
    const asked = new URL(view.links.trends, location.origin).search;
    return [make("a", { href: `/trends${asked}` }, view.name), view.name, `/v1/views/${view.id}`];
  });
}

async function watch({ name, growth, support, email, webhook }) {
  const { item, color, style, source } = query();
  const rule = { name, item, color, style, source, growth: growth / 100, support: Number(support) };
  rule.language = document.documentElement.lang;
  if (email) rule.email = email;
  if (webhook) rule.webhook = webhook;
  const made = await api("/v1/alerts", { json: rule, key: crypto.randomUUID?.() });
  const told = fill(words.trend.alert_made, { name });
  const secret = webhook && made.secret && fill(words.trend.alert_secret, { secret: made.secret });
  one("#secret").textContent = secret || "";
  return told;
}

async function showAlerts() {
  const { alerts } = await api("/v1/alerts");
  list("#alerts", alerts, words.trend.no_alerts, (alert) => {
    const lines = [ruleOf(alert.rule), toldTo(alert.rule), lastOf(alert.firings)].filter(Boolean);
    const small = lines.map((line) => make("span", { class: "quiet small" }, line));
    return [make("div", { class: "alert" }, alert.rule.name, small), alert.rule.name, `/v1/alerts/${alert.id}`];
  });
}

const SPANS = { 1: "week", 4: "month", 52: "year" };

/** {item: "skirt", growth: 0.3, …} → "skirt: from +30% in four weeks on, 200 looks at least" */
function ruleOf(rule) {
  const what = ["color", "pattern", "item", "style", "source"]
    .filter((name) => rule[name])
    .map((name) => one(`[name="${name}"] option[value="${CSS.escape(rule[name])}"]`)?.textContent ?? rule[name]);
  return fill(words.trend.alert_rule[SPANS[rule.weeks]], {
    what: what.join(" "), growth: change(rule.growth), support: count(rule.support),
  });
}

function toldTo({ email, webhook }) {
  const told = [email && fill(words.trend.alert_to_mail, { to: email }),
    webhook && fill(words.trend.alert_to_hook, { to: webhook })].filter(Boolean);
  return told.join(" · ") || words.trend.alert_to_nobody;
}

function lastOf([last]) {
  if (!last) return null;
  const said = fill(words.trend.alert_last, {
    week: week(last.week), growth: change(last.finding.growth), state: words.trend.alert_state[last.state],
  });
  return last.error ? `${said}: ${last.error}` : said;
}

function list(selector, things, none, told) {
  const lines = things.map((thing) => {
    const [shown, name, path] = told(thing);
    const forget = () => one(selector).dispatchEvent(
      new CustomEvent("forget", { detail: path, bubbles: true }));
    const label = fill(words.trend.forget, { name });
    return make("li", {}, shown,
      make("button", { type: "button", class: "plain", "aria-label": label, onclick: forget }, "✕"));
  });
  const empty = make("li", { class: "quiet" }, none);
  one(selector).replaceChildren(...(lines.length ? lines : [empty]));
}
