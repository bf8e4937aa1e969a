// A photo to send along: shown at once, sent with its progress, taken by the next message.

import { make } from "../dom.js";
import { share } from "../format.js";
import { fill, language, words } from "../words.js";

const LARGEST = 25 * 1024 * 1024;
const TYPES = ["image/jpeg", "image/png", "image/webp"];

/** The place above the text where the photo is. */
export class PhotoBox {
  #id = null;
  #request = null;
  #preview = null;

  /** @param {object} does `changed()` and `say(text)`, for the suggestions */
  constructor(box, does) {
    this.box = box;
    this.does = does;
  }

  get isBusy() {
    return this.#request !== null;
  }

  /** Send a file; what is wrong with it is said in the box. */
  put(file) {
    this.remove();
    if (!TYPES.includes(file.type)) return this.#wrong(words.chat.photo_bad);
    if (file.size > LARGEST) return this.#wrong(words.chat.photo_large);
    this.#preview = URL.createObjectURL(file);
    this.#show(make("progress", { max: 1, value: 0, "aria-label": words.chat.photo_alt }));
    this.#send(file);
    this.does.changed();
  }

  /** Return the photo's id and empty the box; null: there is none. */
  take() {
    const id = this.#id;
    this.remove();
    return id;
  }

  remove() {
    this.#request?.abort();
    this.#request = this.#id = null;
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.#preview = null;
    this.box.hidden = true;
    this.box.replaceChildren();
    this.does.changed();
  }

  #show(...rest) {
    const remove = make(
      "button",
      { type: "button", class: "plain", "aria-label": words.chat.remove_photo, onclick: () => this.remove() },
      "✕",
    );
    const picture = this.#preview && make("img", { src: this.#preview, alt: words.chat.photo_alt });
    this.status = make("p", { class: "small", role: "status" });
    this.box.replaceChildren(picture ?? "", make("div", { class: "stack" }, this.status, rest), remove);
    this.box.hidden = false;
  }

  #wrong(text) {
    this.#show();
    this.status.textContent = text;
    this.status.classList.add("wrong");
    this.does.changed();
  }

  // fetch tells nothing of an upload's progress.
  #send(file) {
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open("POST", "/v1/photos");
    request.setRequestHeader("X-Mapsi-Page", "1");
    request.setRequestHeader("Accept-Language", language);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => this.#progress(loaded / total);
    request.onload = () => this.#sent(request);
    request.onerror = () => this.#failed(words.common.no_answer, file);
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  }

  #progress(part) {
    this.status.textContent = fill(words.chat.photo_sending, { share: share(part) });
    const bar = this.box.querySelector("progress");
    if (bar) bar.value = part;
  }

  #sent(request) {
    if (request.status !== 202) {
      return this.#failed(request.response?.detail ?? words.common.failed);
    }
    this.#request = null;
    this.#id = request.response.id;
    this.#show(
      make(
        "ul",
        { class: "chips" },
        [words.chat.say_similar, words.chat.say_selfie].map((text) =>
          make(
            "li",
            {},
            make("button", { type: "button", class: "chip", onclick: () => this.does.say(text) }, text),
          ),
        ),
      ),
    );
    this.status.textContent = words.chat.photo_sent;
    this.does.changed();
  }

  #failed(why, file = null) {
    this.#request = null;
    this.#show(
      file &&
        make("button", { type: "button", onclick: () => this.put(file) }, words.common.again),
    );
    this.status.textContent = fill(words.chat.photo_failed, { why });
    this.status.classList.add("wrong");
    this.does.changed();
  }
}
