// A drawing of one's own: its variants, what is seen in it, how it came to be, and how to go on.

import { api } from "../api.js";
import { make } from "../dom.js";
import { date } from "../format.js";
import { maskOf } from "../rle.js";
import { fill, language, words } from "../words.js";
import { archiveOf } from "./picking.js";
import { columns, garmentsOf, list, toggle } from "./parts.js";
import { addressOf, wearOf } from "./tiles.js";

const SIDE = 1024;
const MASK = 640;
const AGAIN_MS = 3000;
const FINAL = ["done", "failed", "cancelled"];
const INKS = ["#ff4d6d", "#1e96fc", "#ffb703", "#8338ec", "#06d6a0", "#fb5607"];

/** Return what is shown of a drawing; `again()` shows it anew, once it is done. */
export async function drawingOf(look, again) {
  const [job, { versions }] = await Promise.all([
    api(look.links.generation),
    api(`${look.links.generation}/versions`),
  ]);
  if (job.state !== "done") return columns(waiting(look, job, again), [garmentsOf(look), madeOf(job, 1)]);
  const stage = make("div", { class: "stack" });
  const facts = make("div", { class: "stack" });
  const choose = (number) => {
    stage.replaceChildren(...stageOf(look, job, number, versions, choose));
    facts.replaceChildren(...factsOf(look, job, number));
  };
  choose(1);
  return columns([stage], [facts]);
}

const picture = (job, number, form, size) =>
  `/v1/generations/${job}/picture.${form}?variant=${number}${size ? `&size=${size}` : ""}`;

function waiting(look, job, again) {
  const ended = FINAL.includes(job.state);
  if (!ended) setTimeout(() => document.querySelector("#look")?.open && again(), AGAIN_MS);
  const preview = job.links.preview && make("img", { src: job.links.preview, alt: wearOf(look) });
  const bar = ended ? null : make("progress", { "aria-label": words.looks[job.state], max: job.steps || 1 });
  if (bar && job.steps) bar.value = job.step;
  const why = job.reason ? make("p", { class: "quiet small" }, job.reason) : null;
  return [preview, make("p", {}, words.looks[job.state]), bar, why].filter(Boolean);
}

function stageOf(look, job, number, versions, choose) {
  const alt = fill(words.looks.drawn_alt, { wear: wearOf(look) });
  const image = make("img", { src: picture(job.id, number, "webp", SIDE), alt });
  const light = make("canvas", { class: "light", "aria-hidden": "true", hidden: true });
  const parts = [make("div", { class: "frame" }, image, light)];
  if (job.pictures.length) {
    parts.push(toggle(words.looks.overlay, (on) => showMasks(light, job.pictures[number - 1], on)));
  }
  if (job.pictures.length > 1) parts.push(variants(job, number, choose));
  if (versions.length > 1) parts.push(tree(job, number, versions));
  return parts;
}

async function showMasks(light, { garments: path }, on) {
  light.hidden = !on;
  if (!on || light.dataset.drawn) return;
  light.dataset.drawn = "1";
  const { garments } = await api(path).catch(() => ({ garments: [] }));
  const masks = garments.map(({ mask }) => maskOf(mask, MASK));
  if (!masks.length) return;
  light.width = masks[0].width;
  light.height = masks[0].height;
  const pen = light.getContext("2d");
  const sheet = pen.createImageData(light.width, light.height);
  masks.forEach(({ bits, width }, at) => tint(sheet.data, bits, width, INKS[at % INKS.length]));
  pen.putImageData(sheet, 0, 0);
}

// The inside lightly, the edge fully: what lies below is still seen.
function tint(data, bits, width, ink) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
  for (let at = 0; at < bits.length; at += 1) {
    if (!bits[at]) continue;
    const inside = bits[at - 1] && bits[at + 1] && bits[at - width] && bits[at + width];
    data.set([red, green, blue, inside ? 90 : 255], at * 4);
  }
}

function variants(job, chosen, choose) {
  const buttons = job.pictures.map(({ variant }) =>
    make(
      "button",
      {
        type: "button",
        class: "thumb",
        "aria-label": fill(words.looks.variant, { number: variant }),
        "aria-pressed": String(variant === chosen),
        onclick: () => choose(variant),
      },
      make("img", { src: picture(job.id, variant, "webp", 160), alt: "" }),
    ),
  );
  return make("div", { class: "row" }, buttons);
}

// All that came of the first picture, in the order in which it was made; and this one over the
// one that it was changed from.
function tree(job, number, versions) {
  const lines = versions.map((version, at) => {
    const name = at ? words.looks.version : words.looks.original;
    const label = fill(name, { number: at });
    const here = version.id === job.id;
    const done = version.state === "done";
    const thumb = done
      ? make("img", { src: picture(version.id, 1, "webp", 160), alt: "", loading: "lazy" })
      : make("span", { class: "quiet small" }, words.looks[version.state]);
    const href = addressOf(version.id);
    return make("li", {}, make("a", { class: "thumb", href, "aria-label": label, "aria-current": here ? "true" : null }, thumb));
  });
  const parts = [make("h3", {}, words.looks.versions), make("ol", { class: "row tree" }, lines)];
  const parent = versions.find((version) => version.id === job.parent);
  if (parent?.state === "done") {
    const from = job.manifest.wish?.edit?.variant ?? 1;
    parts.push(slider(picture(parent.id, from, "webp", SIDE), picture(job.id, number, "webp", SIDE)));
  }
  return make("section", {}, parts);
}

function slider(before, after) {
  const frame = make(
    "div",
    { class: "frame compare" },
    make("img", { src: before, alt: words.looks.before }),
    make("img", { class: "over", src: after, alt: words.looks.after }),
  );
  const range = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": words.looks.slide });
  const cut = () => frame.style.setProperty("--cut", `${range.value}%`);
  range.addEventListener("input", cut);
  cut();
  const ends = [make("span", {}, words.looks.after), make("span", {}, words.looks.before)];
  return make(
    "details",
    {},
    make("summary", {}, words.looks.before_after),
    frame,
    range,
    make("div", { class: "row apart small quiet", "aria-hidden": "true" }, ends),
  );
}

function factsOf(look, job, number) {
  const parts = [garmentsOf(look)];
  const told = job.pictures[number - 1];
  if (job.notice) parts.push(make("p", { class: "notice-of" }, job.notice));
  if (told?.review) parts.push(verdict(told.review));
  parts.push(goOn(job, number), take(job, number), madeOf(job, number));
  return parts;
}

function verdict({ passed, faults, remarks }) {
  const lines = (found) => make("ul", {}, found.map((one) => make("li", {}, one.text)));
  const parts = [make("h3", {}, words.looks.review)];
  if (passed) parts.push(make("p", {}, words.looks.passed));
  if (faults.length) parts.push(make("p", {}, words.looks.not_passed), lines(faults));
  if (remarks?.length) parts.push(make("p", {}, words.looks.may_differ), lines(remarks));
  return make("section", { class: "verdict" }, parts);
}

// What shall be otherwise is said right here; the conversation that does it opens with its answer.
function goOn(job, number) {
  const wish = make("input", { id: "wish", required: true, maxlength: 500, autocomplete: "off" });
  wish.placeholder = words.looks.change_hint;
  const wrong = make("p", { class: "wrong", role: "alert" });
  const button = make("button", { class: "main" }, words.looks.change);
  const form = make(
    "form",
    { class: "stack" },
    make("label", { for: "wish" }, words.looks.change_label),
    make("div", { class: "row nowrap-row" }, wish, button),
    wrong,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    wrong.textContent = "";
    try {
      location.assign(await talkOf(job.id, number, wish.value));
    } catch (error) {
      wrong.textContent = error.message;
      button.disabled = false;
    }
  });
  return form;
}

async function talkOf(job, variant, text) {
  const talk = await api("/v1/chat/sessions", { json: { language } });
  const key = Math.random().toString(36).slice(2);
  const json = { text, picture: { job_id: job, variant } };
  await api(`/v1/chat/sessions/${talk.id}/messages`, { json, key });
  return `/chat?${new URLSearchParams({ lang: language, session: talk.id })}`;
}

function take(job, number) {
  const name = `mapsi-${job.id.slice(0, 8)}-${number}`;
  const files = ["png", "webp", "jpg"].map((form) =>
    make(
      "a",
      { class: "button", href: picture(job.id, number, form), download: `${name}.${form}` },
      form === "jpg" ? "JPEG" : form.toUpperCase().replace("WEBP", "WebP"),
    ),
  );
  const zip = { class: "button", href: archiveOf([job.id]), download: "" };
  return make(
    "section",
    { class: "taken" },
    make("h3", {}, words.looks.take),
    make("div", { class: "row" }, files, make("a", zip, words.looks.take_zip)),
    make("p", { class: "quiet small" }, words.looks.take_help),
  );
}

function madeOf(job, number) {
  const told = job.manifest.pictures?.[number - 1] ?? {};
  const size = told.width ? `${told.width} × ${told.height}` : null;
  const facts = [
    [words.looks.made_on, date(job.created_at)],
    [words.looks.made_by, [job.served_by, model(told)].filter(Boolean).join(", ")],
    [words.looks.prompt, told.prompt],
    [words.looks.negative, told.negative],
    [words.looks.seed, told.seed?.toString()],
    [words.looks.steps, told.steps_run?.toString() ?? told.steps?.toString()],
    [words.looks.size, size],
    [words.looks.attempts, job.manifest.attempts?.toString()],
    ["SHA-256", told.sha256 ?? job.manifest.sha256],
  ];
  return make("details", {}, make("summary", {}, words.looks.made), list(facts));
}

const model = ({ model: told }) => (typeof told === "string" ? told : (told?.name ?? told?.source ?? null));
