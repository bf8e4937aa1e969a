// A picture of a look: how far it is, what came of it, and how to change it.

import { api, send } from "../api.js";
import { make } from "../dom.js";
import { fill, words } from "../words.js";
import { eventsOf } from "./stream.js";
import { slider, tappable } from "./touching.js";

const FINAL = ["done", "failed", "cancelled"];
const AGAIN_MS = 2000;
const SIDE = 768;

/** Return the card of a job; it follows the job until its end. */
export function pictureCard({ job_id: job, parent, wear }, does) {
  const body = make("div", { class: "stack" });
  const card = make("article", { class: "card picture", "aria-label": alt(wear) }, body);
  const scene = { job, parent, wear, does, body };
  follow(job, (view) => draw(scene, view), () => body.replaceChildren(said(words.chat.picture_gone)));
  return card;
}

const said = (text) => make("p", { class: "quiet small" }, text);
const alt = (wear) =>
  wear.length ? fill(words.chat.picture_alt, { wear: wear.join(", ") }) : words.chat.picture_plain;

async function follow(job, show, gone) {
  for (;;) {
    try {
      const response = await send(`/v1/generations/${job}/events`, { accept: "text/event-stream" });
      for await (const { data } of eventsOf(response)) {
        const view = JSON.parse(data);
        show(view);
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
  scene.body.replaceChildren(...underWay(scene, view));
}

function underWay({ job, wear }, view) {
  const { step, steps } = view;
  const drawing = fill(words.chat.step, { step, steps });
  const busy = view.served_by === "lookbook" ? words.chat.composing : drawing;
  const text = view.state === "queued" ? words.chat.queued : busy;
  const preview = view.links.preview && make("img", { src: view.links.preview, alt: alt(wear) });
  const bar = make("progress", { "aria-label": text, max: steps || 1 });
  if (steps) bar.value = step;
  const label = view.cancel_requested ? words.chat.cancelling : words.chat.cancel;
  const cancel = make("button", { type: "button", disabled: view.cancel_requested }, label);
  cancel.addEventListener("click", async () => {
    cancel.disabled = true;
    cancel.textContent = words.chat.cancelling;
    await api(`/v1/generations/${job}`, { method: "DELETE" }).catch(() => (cancel.disabled = false));
  });
  return [preview, said(text), bar, make("div", { class: "row" }, cancel)].filter(Boolean);
}

function finished(scene, view) {
  const frame = make("div", { class: "stack" });
  const choose = (picture) => frame.replaceChildren(...variant(scene, view, picture));
  const parts = [frame];
  if (view.pictures.length) choose(view.pictures[0]);
  else frame.append(image(scene, 1));
  if (view.pictures.length > 1) parts.push(variants(scene, view.pictures, choose));
  if (view.notice) parts.push(make("p", { class: "small" }, view.notice));
  return parts;
}

const source = (job, number, side) =>
  `/v1/generations/${job}/picture.webp?variant=${number}&size=${side}`;

function image({ job, wear }, number) {
  return make("img", { src: source(job, number, SIDE), alt: alt(wear) });
}

function variants(scene, pictures, choose) {
  const buttons = pictures.map((picture, at) => {
    const label = fill(words.chat.variant, { number: picture.variant });
    const thumb = make("img", { src: source(scene.job, picture.variant, 160), alt: "" });
    const button = make("button", { type: "button", class: "thumb", "aria-label": label }, thumb);
    button.setAttribute("aria-pressed", String(at === 0));
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(picture);
    });
    return button;
  });
  return make("div", { class: "row" }, buttons);
}

function variant(scene, view, picture) {
  const shown = image(scene, picture.variant);
  const parts = [];
  if (view.served_by === "lookbook") parts.push(shown);
  else parts.push(...tappable(shown, picture.garments, scene.does));
  if (view.parent && view.served_by !== "lookbook") {
    parts.push(slider(source(view.parent, 1, SIDE), source(scene.job, picture.variant, SIDE)));
  }
  if (picture.review) parts.push(verdict(picture.review));
  const file = make("a", { class: "button", href: picture.picture, download: "" }, words.chat.download);
  const made = make("a", { class: "plain", href: view.links.manifest, download: "" }, words.chat.made);
  parts.push(make("div", { class: "row" }, file, made));
  return parts;
}

function verdict({ passed, faults, remarks }) {
  const lines = (found) => make("ul", {}, found.map((one) => make("li", {}, one.text)));
  const parts = [];
  if (passed) parts.push(make("p", {}, words.chat.passed));
  if (faults.length) parts.push(make("p", {}, words.chat.not_passed), lines(faults));
  if (remarks?.length) parts.push(make("p", {}, words.chat.may_differ), lines(remarks));
  return make("div", { class: "small verdict" }, parts);
}
