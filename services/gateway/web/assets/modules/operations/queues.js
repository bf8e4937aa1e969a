// Queues: how many messages wait in each, for how long, and who takes them.

import { make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { follow } from "./rows.js";
import { span } from "./times.js";

const told = words.operations;

/** Draw `/v1/operations/queues`. */
export function showQueues(answer, section) {
  one("table", section).hidden = false;
  follow(one("tbody", section), answer.queues, { key: (queue) => queue.name, draw: drawQueue });
  one(".in-hand", section).textContent = answer.in_hand
    ? fill(told.in_hand, { count: count(answer.in_hand) })
    : "";
}

function drawQueue(queue) {
  const alone = queue.needed && queue.consumers === 0;
  const nobody = queue.needed ? told.no_worker : told.not_needed;
  return make("tr", {},
    make("th", { scope: "row" }, queue.name),
    make("td", {}, count(queue.waiting)),
    make("td", {}, queue.oldest_at ? span(queue.oldest_at) : "–"),
    make("td", { class: alone ? "none" : queue.needed ? "" : "quiet" }, queue.consumers ? count(queue.consumers) : nobody));
}
