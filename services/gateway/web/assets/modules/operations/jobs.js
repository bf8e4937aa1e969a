// Everybody's drawing jobs: how far each is, and calling one off.

import { api } from "../api.js";
import { make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { act, sure, tell } from "./asking.js";
import { follow } from "./rows.js";
import { moment } from "./times.js";

const told = words.operations;
let changed = () => {};

/** `after` is called when a job was called off. */
export function startJobs(after) {
  changed = after;
}

/** Draw `/v1/operations/jobs`. */
export function showJobs(answer, section) {
  follow(one(".rows", section), answer.jobs, { key: (job) => job.id, draw: drawJob });
  const shown = answer.jobs.length;
  one(".more", section).textContent = answer.next === null
    ? ""
    : fill(told.jobs_more, { count: count(answer.open), shown });
  return shown ? "" : told.no_jobs;
}

function drawJob(job) {
  const pictures = job.pictures === 1 ? told.job_picture : fill(told.job_pictures, { count: job.pictures });
  const steps = job.steps ? fill(told.job_step, { step: job.step, steps: job.steps }) : null;
  const off = make("button", { type: "button", data: { does: "cancel" } }, told.cancel);
  off.addEventListener("click", () => act(off, () => cancel(job)));
  return make("li", {},
    make("p", { class: "line" },
      make("span", { class: "tag" }, job.cancel_requested ? told.calling_off : told.job_state[job.state]),
      make("strong", {}, fill(told.person, { id: job.person.slice(0, 8) })),
      make("span", {}, [told.priority[job.priority] ?? job.priority, pictures, steps].filter(Boolean).join(" · ")),
      moment(job.created_at, told.job_asked)),
    job.reason ? make("p", { class: "reason" }, job.reason) : null,
    job.cancel_requested ? null : make("p", { class: "does" }, off));
}

async function cancel(job) {
  if (!(await sure({ title: told.cancel_title, text: told.cancel_text, yes: told.cancel }))) return;
  await api(`/v1/operations/jobs/${job.id}`, { method: "DELETE" });
  tell(told.cancelled);
  changed();
}
