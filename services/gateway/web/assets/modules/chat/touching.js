// A drawn picture under the finger: each garment's mask lights up where one points at it, by
// pointer or by keyboard, and stays lit while one says what shall become of it.

import { api } from "../api.js";
import { make } from "../dom.js";
import { maskOf } from "../rle.js";
import { fill, words } from "../words.js";

const SIDE = 480;
const FILL = 120;

/**
 * Return the picture with its garments over it, and the same garments as a list of buttons.
 *
 * @param {Element} image
 * @param {string} path of its garments
 * @param {function} choose called with a garment and with what puts its light out again
 */
export function tappable(image, path, choose) {
  const light = make("canvas", { class: "light", "aria-hidden": "true" });
  const frame = make("div", { class: "frame" }, image, light);
  const list = make("div", { class: "row garments" });
  api(path).then(
    ({ garments }) => garments.length && lay(new Lights(frame, light, garments), list, choose),
    () => null, // Nobody looked at the picture: it can still be changed by words.
  );
  return [frame, list];
}

function lay(lights, list, choose) {
  const chosen = (garment) => choose(garment, () => lights.hold(null), () => lights.hold(garment));
  const { frame } = lights;
  frame.classList.add("touchable");
  frame.addEventListener("pointermove", (event) => lights.show(lights.under(event)));
  frame.addEventListener("pointerleave", () => lights.show(null));
  frame.addEventListener("click", (event) => {
    const garment = lights.under(event);
    if (garment) chosen(garment);
  });
  const buttons = lights.garments.map((garment) =>
    make(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-label": fill(words.chat.change_garment, { garment: garment.label }),
        onclick: () => chosen(garment),
        onfocus: () => lights.show(garment),
        onblur: () => lights.show(null),
        onpointerenter: () => lights.show(garment),
        onpointerleave: () => lights.show(null),
      },
      garment.label,
    ),
  );
  list.append(make("p", { class: "small quiet" }, words.chat.tap), ...buttons);
}

/** The light over a picture: of the garment that is pointed at, or else of the one held. */
class Lights {
  #masks = new Map();
  #held = null;
  #lit = null;

  constructor(frame, canvas, garments) {
    Object.assign(this, { frame, canvas, garments });
  }

  show(garment) {
    const lit = garment ?? this.#held;
    if (lit === this.#lit) return;
    this.#lit = lit;
    this.canvas.dataset.garment = lit ? lit.garment : "";
    if (lit) paint(this.canvas, this.#mask(lit));
    else this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  hold(garment) {
    this.#held = garment;
    this.show(null);
  }

  /** Return the garment at a pointer: of several the smallest, which lies on the others. */
  under({ clientX, clientY }) {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    const [right, down] = [(clientX - left) / width, (clientY - top) / height];
    if (right < 0 || right >= 1 || down < 0 || down >= 1) return null;
    const here = this.garments.filter((garment) => {
      const mask = this.#mask(garment);
      return mask.bits[Math.floor(down * mask.height) * mask.width + Math.floor(right * mask.width)];
    });
    const area = ({ box: [x0, y0, x1, y1] }) => (x1 - x0) * (y1 - y0);
    return here.sort((one, other) => area(one) - area(other))[0] ?? null;
  }

  #mask(garment) {
    if (!this.#masks.has(garment)) this.#masks.set(garment, maskOf(garment.mask, SIDE));
    return this.#masks.get(garment);
  }
}

// The garment in the colour of what has the focus, its edge at full strength.
function paint(canvas, { width, height, bits }) {
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext("2d");
  const shown = brush.createImageData(width, height);
  for (let at = 0; at < bits.length; at += 1) {
    if (!bits[at]) continue;
    const inner = bits[at - 1] && bits[at + 1] && bits[at - width] && bits[at + width];
    shown.data[at * 4 + 3] = inner ? FILL : 255;
  }
  brush.putImageData(shown, 0, 0);
  brush.globalCompositeOperation = "source-in";
  brush.fillStyle = getComputedStyle(canvas).color;
  brush.fillRect(0, 0, width, height);
}

/** Return a picture over another, cut where the slider stands. */
export function slider(before, after) {
  const over = make("img", { class: "over", src: after, alt: words.chat.after });
  const under = make("img", { src: before, alt: words.chat.before });
  const frame = make("div", { class: "frame compare" }, under, over);
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
