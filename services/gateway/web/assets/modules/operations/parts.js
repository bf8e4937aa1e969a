// Whether all is well: the headline, and a line a part with the fix.

import { announce, make, one } from "../dom.js";
import { fill, words } from "../words.js";
import { follow } from "./rows.js";
import { moment, now } from "./times.js";

const told = words.operations;
const WORST_FIRST = ["away", "attention", "ok"];

/** Draw `/v1/operations/status`. */
export function showStatus(status, section) {
  const bad = status.parts.filter((part) => part.state !== "ok");
  const card = one("#headline-card");
  card.classList.toggle("well", status.well);
  card.classList.toggle("trouble", !status.well);
  const many = bad.length === 1 ? told.one_trouble : fill(told.troubles, { count: bad.length });
  const headline = status.well ? told.well : many;
  const before = one("#headline").textContent;
  if (before !== headline) {
    one("#headline").textContent = headline;
    announce(headline);
  }
  one("#looked").replaceChildren(moment(new Date(now()).toISOString(), told.looked));
  showLinks(status.links);
  const order = (part) => WORST_FIRST.indexOf(part.state);
  const parts = [...status.parts].sort((left, right) => order(left) - order(right));
  follow(one(".parts", section), parts, { key: (part) => part.name, draw: drawPart });
}

function showLinks(links) {
  const shown = [
    links.grafana && ["grafana", links.grafana, told.grafana],
    ["metrics", links.metrics, told.metrics],
  ].filter(Boolean);
  const draw = ([, href, text]) =>
    make("a", { class: "button", href, rel: "noopener noreferrer" }, text);
  follow(one("#links"), shown, { key: ([name]) => name, draw });
}

function drawPart(part) {
  const state = part.state === "ok" ? "well" : part.state;
  return make("li", { class: part.state },
    make("p", { class: "line" },
      make("span", { class: `tag ${state}` }, told.state[part.state]),
      make("strong", {}, nameOf(part.name)),
      make("span", {}, part.found)),
    part.fix ? make("p", { class: "fix" }, ...withCode(part.fix)) : null,
    ...part.alive.map(drawProcess));
}

function nameOf(name) {
  const [kind, worker] = name.split(":");
  return fill(told.part[kind] ?? name, { name: worker });
}

function drawProcess(alive) {
  const { machine, pid } = alive;
  const line = make("p", { class: "quiet small" },
    ...withTime(fill(told.process, { machine, pid }), "since", alive.since));
  if (alive.task) {
    line.append(" · ", ...withTime(fill(told.at_task, { task: alive.task }), "since", alive.task_since));
  }
  return line;
}

function withTime(text, name, at) {
  const [before, after] = text.split(`{${name}}`);
  return [before, moment(at), after];
}

/** Return a text whose `commands` stand out. */
export function withCode(text) {
  return text.split("`").map((piece, at) => (at % 2 ? make("code", {}, piece) : piece));
}
