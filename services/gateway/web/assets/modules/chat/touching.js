// A drawn picture under the finger: its garments to tap, and the slider between before and after.

import { api } from "../api.js";
import { make } from "../dom.js";
import { fill, words } from "../words.js";

/** Return the picture with its garments over it, and the same garments as a list of buttons. */
export function tappable(image, path, does) {
  const frame = make("div", { class: "frame" }, image);
  const list = make("div", { class: "row garments only-last" });
  api(path).then(
    ({ garments }) => garments.length && lay(frame, list, garments, does),
    () => null, // Nobody looked at the picture: it can still be changed by words.
  );
  return [frame, list];
}

function lay(frame, list, garments, does) {
  const area = ({ box: [left, top, right, bottom] }) => (right - left) * (bottom - top);
  const prefill = ({ label }) => does.prefill(fill(words.chat.say_change, { garment: label }));
  const boxes = new Map();
  for (const garment of [...garments].sort((one, other) => area(other) - area(one))) {
    // The list below has the same buttons, for the keyboard.
    const box = make("div", { class: "box", "aria-hidden": "true", onclick: () => prefill(garment) });
    place(box, garment.box);
    boxes.set(garment.garment, box);
    frame.append(box);
  }
  const buttons = garments.map((garment) => {
    const lit = (wanted) => () => boxes.get(garment.garment).classList.toggle("lit", wanted);
    const label = fill(words.chat.change_garment, { garment: garment.label });
    return make(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-label": label,
        onclick: () => prefill(garment),
        onfocus: lit(true),
        onblur: lit(false),
        onpointerenter: lit(true),
        onpointerleave: lit(false),
      },
      garment.label,
    );
  });
  list.append(make("p", { class: "small quiet" }, words.chat.tap), ...buttons);
}

function place(element, [left, top, right, bottom]) {
  const share = (value) => `${(value * 100).toFixed(2)}%`;
  Object.assign(element.style, {
    left: share(left),
    top: share(top),
    width: share(right - left),
    height: share(bottom - top),
  });
}

/** Return a picture over another, cut where the slider stands. */
export function slider(before, after) {
  const over = make("img", { class: "over", src: after, alt: words.chat.after });
  const frame = make("div", { class: "frame compare" }, make("img", { src: before, alt: words.chat.before }), over);
  const range = make("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    "aria-label": words.chat.slide,
  });
  const cut = () => frame.style.setProperty("--cut", `${range.value}%`);
  range.addEventListener("input", cut);
  cut();
  const ends = make(
    "div",
    { class: "ends small quiet", "aria-hidden": "true" },
    make("span", {}, words.chat.after),
    make("span", {}, words.chat.before),
  );
  return make(
    "details",
    { class: "small" },
    make("summary", {}, words.chat.before_after),
    frame,
    range,
    ends,
  );
}
