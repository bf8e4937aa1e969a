// A picture of a look: how far it is, what came of it, and how to change it. Any picture of a
// conversation can be changed: what is said then points at it, at its variant and at a garment.

import { api, send } from "../api.js";
import { make } from "../dom.js";
import { fill, words } from "../words.js";
import { pointer, thumbOf } from "./about.js";
import { eventsOf } from "./stream.js";
import { slider, tappable } from "./touching.js";

const FINAL = ["done", "failed", "cancelled"];
const AGAIN_MS = 2000;
const SIDE = 768;

/** Return the card of a job; it follows the job until its end. */
export function pictureCard({ job_id: job, wear }, does) {
  const body = make("div", { class: "stack" });
  const card = make("article", { class: "card picture", "aria-label": alt(wear) }, body);
  const scene = { job, wear, does, body, busy: null };
  follow(scene, () => body.replaceChildren(said(words.chat.picture_gone)));
  return card;
}

const said = (text) => make("p", { class: "quiet small" }, text);
const alt = (wear) =>
  wear.length ? fill(words.chat.picture_alt, { wear: wear.join(", ") }) : words.chat.picture_plain;

async function follow(scene, gone) {
  const { job, does } = scene;
  while (!does.signal.aborted) {
    try {
      const asked = { accept: "text/event-stream", signal: does.signal };
      const response = await send(`/v1/generations/${job}/events`, asked);
      for await (const { data } of eventsOf(response)) {
        const view = JSON.parse(data);
        draw(scene, view);
        if (FINAL.includes(view.state)) return;
      }
    } catch (error) {
      if (error.status === 404) return gone();
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function draw(scene, view) {
  if (view.state === "done") return scene.body.replaceChildren(...finished(scene, view));
  if (view.state === "cancelled") return scene.body.replaceChildren(said(words.chat.cancelled));
  if (view.state === "failed") {
    const why = view.reason ?? words.common.failed;
    return scene.body.replaceChildren(said(fill(words.chat.picture_failed, { why })));
  }
  scene.busy ??= underWay(scene);
  scene.busy(view);
}

/** Show that a picture is being drawn; return what brings it up to date. */
function underWay({ job, wear, body }) {
  const preview = make("img", { class: "preview", alt: alt(wear), hidden: true });
  const told = said("");
  const bar = make("progress", {});
  const cancel = make("button", { type: "button" }, words.chat.cancel);
  const calling = (wanted) => {
    cancel.disabled = wanted;
    cancel.textContent = wanted ? words.chat.cancelling : words.chat.cancel;
  };
  cancel.addEventListener("click", () => {
    calling(true);
    api(`/v1/generations/${job}`, { method: "DELETE" }).catch(() => calling(false));
  });
  body.replaceChildren(preview, told, bar, make("div", { class: "row" }, cancel));
  return (view) => {
    told.textContent = stand(view);
    bar.setAttribute("aria-label", told.textContent);
    bar.max = view.steps || 1;
    if (view.steps) bar.value = view.step;
    if (view.links.preview) preview.src = view.links.preview;
    preview.hidden = !preview.hasAttribute("src");
    if (view.cancel_requested) calling(true);
  };
}

function stand({ state, served_by: by, step, steps }) {
  if (state === "queued") return words.chat.queued;
  if (by === "lookbook") return words.chat.composing;
  return steps ? fill(words.chat.step, { step, steps }) : words.chat.drawing;
}

function finished(scene, view) {
  const place = make("div");
  const rest = make("div", { class: "stack" });
  const choose = (picture) => {
    const [shown, ...others] = variant(scene, view, picture);
    place.replaceChildren(shown);
    rest.replaceChildren(...others);
  };
  if (view.pictures.length) choose(view.pictures[0]);
  else place.append(image(scene, 1));
  const several = view.pictures.length > 1;
  const side = make(
    "div",
    { class: "stack" },
    several ? variants(scene, view.pictures, choose) : null,
    rest,
    view.notice ? make("p", { class: "small" }, view.notice) : null,
  );
  return [make("div", { class: "drawn" }, place, side)];
}

const source = (job, number, side) =>
  `/v1/generations/${job}/picture.webp?variant=${number}&size=${side}`;

function image({ job, wear }, number) {
  return make("img", { src: source(job, number, SIDE), alt: alt(wear) });
}

// Who chooses one speaks of it: the next message is about that variant.
function variants(scene, pictures, choose) {
  const buttons = pictures.map((picture, at) => {
    const label = fill(words.chat.variant, { number: picture.variant });
    const thumb = make("img", { src: thumbOf(scene.job, picture.variant), alt: "" });
    const button = make("button", { type: "button", class: "thumb", "aria-label": label }, thumb);
    button.setAttribute("aria-pressed", String(at === 0));
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(picture);
      scene.does.point(about(scene, picture));
    });
    return button;
  });
  return make("div", { class: "row variants" }, said(words.chat.choose), buttons);
}

/** Return what a message is about that points at a picture, or at a garment of it. */
function about({ job }, { variant: number }, garment = null) {
  const whole = pointer({ job_id: job, variant: number });
  if (!garment) return whole;
  const picture = { ...whole.picture, garment: garment.garment };
  return { ...whole, picture, label: garment.label };
}

function variant(scene, view, picture) {
  const shown = image(scene, picture.variant);
  const isDrawn = view.served_by !== "lookbook";
  const parts = [];
  if (isDrawn) parts.push(...touched(scene, picture, shown));
  else parts.push(shown);
  if (view.parent && isDrawn) {
    const before = source(view.parent, view.parent_variant ?? 1, SIDE);
    parts.push(slider(before, source(scene.job, picture.variant, SIDE)));
  }
  if (picture.review) parts.push(verdict(picture.review));
  if (isDrawn) parts.push(changes(scene, view, picture));
  const file = make("a", { class: "button", href: picture.picture, download: "" }, words.chat.download);
  const made = make("a", { class: "plain", href: view.links.manifest, download: "" }, words.chat.made);
  parts.push(make("div", { class: "row" }, file, made));
  return parts;
}

function touched(scene, picture, shown) {
  return tappable(shown, picture.garments, (garment, out, light) => {
    scene.does.point({ ...about(scene, picture, garment), out });
    light();
    scene.does.prefill(fill(words.chat.say_change, { garment: garment.label }));
  });
}

// What a button says is said in words: the talk goes on with it.
function changes(scene, view, picture) {
  const { does } = scene;
  const { picture: pointed } = about(scene, picture);
  const button = (text, onclick) => make("button", { type: "button", onclick }, text);
  return make(
    "div",
    { class: "row changes" },
    button(words.chat.change_this, () => (does.point(about(scene, picture)), does.prefill(""))),
    button(words.chat.four, () => does.say(words.chat.say_four, pointed)),
    view.parent ? button(words.chat.undo, () => does.say(words.chat.say_undo, pointed)) : null,
  );
}

function verdict({ passed, faults, remarks }) {
  const lines = (found) => make("ul", {}, found.map((one) => make("li", {}, one.text)));
  const parts = [];
  if (passed) parts.push(make("p", {}, words.chat.passed));
  if (faults.length) parts.push(make("p", {}, words.chat.not_passed), lines(faults));
  if (remarks?.length) parts.push(make("p", {}, words.chat.may_differ), lines(remarks));
  return make("div", { class: "small verdict" }, parts);
}
