// Sources and shops' feeds: how each is, what is left of its quota, its trouble; pause and go on.

import { api } from "../api.js";
import { make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { act, tell } from "./asking.js";
import { withCode } from "./parts.js";
import { follow } from "./rows.js";
import { moment } from "./times.js";

const told = words.operations;
const TAGS = { active: "well", resting: "well", failing: "away", paused: "attention", by_command: "" };
let changed = () => {};

/** `after` is called when a source was paused or goes on. */
export function startSources(after) {
  changed = after;
}

/** Draw `/v1/sources`. */
export function showSources(answer, section) {
  const draw = (source) => drawRow(source, `/v1/sources/${source.name}`, sourceFacts(source));
  follow(one(".rows", section), answer.sources, { key: (source) => source.name, draw });
  return answer.sources.length ? "" : told.no_sources;
}

/** Draw `/v1/feeds`. */
export function showFeeds(answer, section) {
  const draw = (feed) => drawRow(feed, `/v1/feeds/${feed.name}`, feedFacts(feed));
  follow(one(".rows", section), answer.feeds, { key: (feed) => feed.name, draw });
  return answer.feeds.length ? "" : told.no_feeds;
}

function sourceFacts(source) {
  const { figures } = source;
  const found = fill(told.found, {
    taken: count(figures.taken), found: count(figures.found), refused: count(figures.refused),
  });
  return [source.kind, read(source.looked_at), found, fill(told.calls, { count: count(source.calls_today) }),
    ...left(source), fill(told.limits, { limits: source.limits })];
}

// What is left, of what we count ourselves and of what the platform told with its last answer.
function left({ quota, allowance }) {
  const ours = quota && fill(told.quota, { ...quota, left: quota.limit - quota.used });
  const theirs = allowance && moment(allowance.told_at, fill(told.allowance, {
    remaining: count(allowance.remaining), limit: count(allowance.limit),
  }));
  return [ours, quota?.resets_at ? moment(quota.resets_at, told.quota_reset) : null, theirs];
}

function feedFacts(feed) {
  const refused = feed.figures.refused;
  return [read(feed.read_at), refused ? fill(told.refused, { count: count(refused) }) : null];
}

const read = (at) => (at ? moment(at, told.read) : told.never_read);

function drawRow(thing, path, facts) {
  const { name, state } = thing;
  const bad = state === "failing" ? "away" : thing.pause_reason === "token" ? "attention" : "";
  const next = state !== "paused" && thing.due_at ? moment(thing.due_at, told.next, told.due) : null;
  const shown = [...facts, next].filter(Boolean);
  return make("li", { class: bad },
    make("p", { class: "line" },
      make("span", { class: `tag ${TAGS[state]}` }, told.source_state[state]), make("strong", {}, name)),
    make("p", { class: "quiet small" }, ...shown.flatMap((fact, at) => (at ? [" · ", fact] : [fact]))),
    thing.pause_reason === "token" ? make("p", {}, told.paused_token) : null,
    thing.error ? make("p", { class: "fix" }, ...withCode(thing.error)) : null,
    state === "by_command" ? null : make("p", { class: "does" }, pauseButton(name, path, state === "paused")));
}

function pauseButton(name, path, isPaused) {
  const text = isPaused ? told.resume : told.pause;
  const traits = { type: "button", "aria-label": `${text}: ${name}`, data: { does: "pause" } };
  const button = make("button", traits, text);
  button.addEventListener("click", () => act(button, async () => {
    await api(path, { method: "PATCH", json: { paused: !isPaused } });
    tell(fill(isPaused ? told.resumed : told.paused, { name }));
    await changed();
  }));
  return button;
}
