// The picture that a message is about: named over the box one writes in, and over what was said.

import { api } from "../api.js";
import { make } from "../dom.js";
import { fill, words } from "../words.js";

const garments = new Map();

/** Return where a variant is seen small. */
export const thumbOf = (job, number) =>
  `/v1/generations/${job}/picture.webp?variant=${number}&size=160`;

/** Return what points at a picture as a whole. */
export const pointer = (picture) => ({
  picture,
  label: fill(words.chat.variant, { number: picture.variant ?? 1 }),
  thumb: thumbOf(picture.job_id, picture.variant ?? 1),
});

/** Return what a message said that pointed at a picture, at its variant and at a garment of it. */
export function aboutLine({ job_id: job, variant: number = 1, garment = null }) {
  const told = make("span", {}, worded(fill(words.chat.variant, { number })));
  const gone = () => thumb.remove();
  const thumb = make("img", { src: thumbOf(job, number), alt: "", onerror: gone });
  if (garment !== null) named(job, number, garment, told);
  return make("p", { class: "points quiet small" }, thumb, told);
}

const worded = (what) => fill(words.chat.about, { what });

async function named(job, number, garment, told) {
  const path = `/v1/generations/${job}/garments?variant=${number}`;
  if (!garments.has(path)) garments.set(path, api(path).catch(() => ({ garments: [] })));
  const seen = await garments.get(path);
  const one = seen.garments.find((other) => other.garment === garment);
  if (one) told.textContent = worded(one.label);
}
