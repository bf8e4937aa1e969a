// The box one writes in: it keeps the focus, its draft, and a photo to send along.

import { all, announce, make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { startCamera } from "./camera.js";
import { PhotoBox } from "./photos.js";

const DRAFT = "mapsi.chat.draft";
const POINTED = "mapsi.chat.about";

/** Start the composer; `send({text, photo, picture})` is called for each message. */
export function startComposer(form, { send }) {
  const text = one("#text", form);
  const button = one("#send", form);
  const photos = new PhotoBox(one("#attached", form), { changed: check, say: suggest });
  const about = new AboutBox(one("#about", form));
  const size = new SizeLine(one("#too-long", form), text);

  function check() {
    const fits = size.check();
    button.disabled = photos.isBusy || !fits || !text.value.trim();
    grow(text);
    kept(DRAFT, text.value);
  }

  function suggest(said) {
    text.value = said;
    submit();
  }

  function submit() {
    const said = text.value.trim();
    if (!said || photos.isBusy || !size.check()) return;
    text.value = "";
    send({ text: said, photo: photos.take(), picture: about.take() });
    check();
    text.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener("input", check);
  text.addEventListener("keydown", (event) => {
    // A Korean syllable that is being composed ends with Enter, too: that is no sending.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  acceptPhotos(form, text, photos);
  startCamera(form, (file) => photos.put(file));
  followKeyboard();
  text.value = kept(DRAFT) ?? "";
  about.recall();
  check();

  return {
    focus: () => text.focus(),
    /** Let the next message be about a picture: `{picture, label, thumb, out}`. */
    point: (what) => about.put(what),
    prefill(said) {
      text.value = said;
      check();
      text.focus();
      text.setSelectionRange(said.length, said.length);
    },
    close() {
      for (const part of all("textarea, button, input", form)) part.disabled = true;
    },
  };
}

/** What is said where a message is longer than one may be: nothing of it is cut off. */
class SizeLine {
  constructor(line, text) {
    Object.assign(this, { line, text });
    this.most = Number(text.dataset.most);
  }

  /** Tell whether the text may be sent; say so where it may not. */
  check() {
    const length = [...this.text.value.trim()].length; // as the gateway counts: not in UTF-16
    const fits = length <= this.most;
    const told = fill(words.chat.too_long, { count: count(length), most: count(this.most) });
    if (!fits && this.line.hidden) announce(told);
    this.line.textContent = fits ? "" : told;
    this.line.hidden = fits;
    this.text.setAttribute("aria-invalid", String(!fits));
    return fits;
  }
}

/** What the next message points at: a picture, one of its variants, a garment of it. */
class AboutBox {
  #what = null;

  constructor(box) {
    this.box = box;
  }

  put(what) {
    this.remove();
    this.#what = what;
    kept(POINTED, JSON.stringify(what));
    const told = fill(words.chat.about, { what: what.label });
    const label = fill(words.chat.about_not, { what: what.label });
    const close = { type: "button", class: "plain", "aria-label": label, onclick: () => this.remove() };
    this.box.replaceChildren(
      make("img", { src: what.thumb, alt: "", onerror: (event) => event.target.remove() }),
      make("p", {}, told),
      make("button", close, "✕"),
    );
    this.box.hidden = false;
    announce(told);
  }

  /** Point at what was pointed at before the page was loaded anew. */
  recall() {
    const told = kept(POINTED);
    if (told) this.put(JSON.parse(told));
  }

  /** Return the picture that is pointed at, and point no more; null: there is none. */
  take() {
    const picture = this.#what?.picture ?? null;
    this.remove();
    return picture;
  }

  remove() {
    this.#what?.out?.();
    this.#what = null;
    kept(POINTED, "");
    this.box.hidden = true;
    this.box.replaceChildren();
  }
}

function acceptPhotos(form, text, photos) {
  for (const input of all('input[type="file"]', form)) {
    input.addEventListener("change", () => {
      if (input.files[0]) photos.put(input.files[0]);
      input.value = "";
      text.focus();
    });
  }
  text.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find(isPicture);
    if (!file) return;
    event.preventDefault();
    photos.put(file);
  });
  const zone = one("#chat");
  const over = (wanted) => zone.classList.toggle("dropping", wanted);
  zone.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) over(false);
  });
  zone.addEventListener("drop", (event) => {
    over(false);
    const file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    photos.put(file);
    text.focus();
  });
}

const isPicture = (file) => file.type.startsWith("image/");

function grow(text) {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 160)}px`;
}

// Where the on-screen keyboard covers the page instead of shrinking it, the page shrinks itself.
function followKeyboard() {
  const view = window.visualViewport;
  const follow = () =>
    document.documentElement.style.setProperty("--view", `${Math.round(view.height)}px`);
  view?.addEventListener("resize", follow);
}

/** Return what is kept under a name until the tab is closed, or keep `text` there. */
function kept(name, text) {
  try {
    if (text === undefined) return sessionStorage.getItem(name);
    sessionStorage.setItem(name, text);
  } catch {
    // It holds until the page is left.
  }
  return null;
}
