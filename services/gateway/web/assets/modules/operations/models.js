// Models in use, and what the ledger still has of others.

import { make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { withCode } from "./parts.js";
import { follow } from "./rows.js";

const told = words.operations;
const MEGA = 1_000_000;

/** Draw `/v1/operations/models`. */
export function showModels(answer, section) {
  const outdated = one(".outdated", section);
  outdated.hidden = answer.outdated === 0;
  if (answer.outdated) {
    outdated.replaceChildren(
      `${fill(told.outdated, { count: count(answer.outdated) })} `, make("code", {}, answer.command));
  }
  follow(one(".rows", section), answer.models, { key: (model) => model.stage, draw: drawModel });
  one(".drawer", section).textContent =
    answer.drawer === "lookbook" ? told.nobody_draws : fill(told.drawer, { name: answer.drawer });
}

function sizeOf(bytes) {
  if (bytes < MEGA) return fill(told.kilobytes, { size: Math.ceil(bytes / 1000) });
  return fill(told.megabytes, { size: (bytes / MEGA).toFixed(1) });
}

function drawModel(model) {
  const title = told.stage[model.stage] ?? model.stage;
  if (model.trouble) {
    return make("li", { class: "attention" },
      make("p", { class: "line" }, make("strong", {}, title)),
      make("p", { class: "fix" }, ...withCode(model.trouble)));
  }
  const { headline } = model;
  const facts = [
    fill(told.version, { version: model.version }),
    model.license && fill(told.licence, { licence: model.license }),
    headline && fill(told.headline, { name: headline.name, value: headline.value }),
    model.bytes && sizeOf(model.bytes),
    model.photos !== null && fill(told.seen_by, { count: count(model.photos) }),
  ];
  const others = model.other_versions.map((other) =>
    fill(told.other_version, { count: count(other.photos), version: other.version }));
  return make("li", {},
    make("p", { class: "line" }, make("strong", {}, title), make("span", {}, model.name)),
    make("p", { class: "quiet small" }, facts.filter(Boolean).join(" · "), " · ",
      make("code", { title: model.sha256 }, model.sha256.slice(0, 12))),
    ...others.map((other) => make("p", { class: "small" }, other)));
}
