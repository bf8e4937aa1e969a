// What was said, in its order: turns by their number, and behind them what is on its way.

import { make } from "../dom.js";
import { fill, words } from "../words.js";
import { aboutLine } from "./about.js";
import { cardOf } from "./cards.js";
import { pictureCard } from "./picture.js";

const NEAR = 160;
const MARGIN = 8;
const LONG = 600;

/** The log of one conversation. */
export class Talk {
  #turns = new Map();
  #waiting = new Map();

  #shown = new AbortController();

  /**
   * @param {Element} log
   * @param {object} does `say(text, picture)`, `point(what)`, `prefill(text)`, `retry(item)`,
   *   `discard(item)` and `preferences()`
   */
  constructor(log, does) {
    this.log = log;
    this.does = does;
    this.atEnd = true;
    log.addEventListener("scroll", () => (this.atEnd = distance(log) < NEAR), { passive: true });
    // Pictures come later than their cards: who was at the end stays there.
    const stay = () => this.atEnd && this.toEnd();
    log.addEventListener("load", stay, { capture: true });
    new ResizeObserver(stay).observe(log);
  }

  clear() {
    for (const element of [...this.#turns.values(), ...this.#waiting.values()]) element.remove();
    for (const notice of this.log.querySelectorAll(".notice")) notice.remove();
    this.#turns.clear();
    this.#waiting.clear();
    this.#shown.abort(); // what is drawn there is not followed any more
    this.#shown = new AbortController();
  }

  /** Tell whether a turn is shown; there is none before the first. */
  has(number) {
    return number < 1 || this.#turns.has(number);
  }

  /** Show a turn that the API tells of; one that is shown already stays. */
  add({ number, text, photo_id: photo, answer }) {
    if (this.#turns.has(number)) return;
    const element = turnOf({ text, photo, picture: answer.about });
    this.#place(number, element);
    this.#answer(element, answer);
    this.#mark();
  }

  /** Show a message that is on its way, and how it fares. */
  pending(item) {
    let element = this.#waiting.get(item.key);
    if (!element) {
      element = turnOf(item);
      this.#waiting.set(item.key, element);
      this.log.append(element);
      this.#mark();
      this.atEnd = true;
    }
    element.querySelector(".state")?.remove();
    element.append(this.#state(item));
    if (this.atEnd || item.state === "failed") this.toEnd();
  }

  /** Take a message out that shall not be sent any more. */
  drop(item) {
    this.#waiting.get(item.key)?.remove();
    this.#waiting.delete(item.key);
    this.#mark();
  }

  /** Show a piece of an answer while it comes. */
  streamed(item, name, data) {
    const element = this.#waiting.get(item.key);
    if (!element) return;
    if (name === "begin") element.querySelector(".streaming")?.remove();
    if (name !== "delta") return;
    let bubble = element.querySelector(".streaming");
    if (!bubble) {
      element.querySelector(".state")?.remove();
      bubble = bubbleOf("theirs streaming", words.chat.mapsi, "");
      bubble.setAttribute("aria-busy", "true");
      element.append(bubble);
    }
    bubble.querySelector(".words").append(data.text);
  }

  /** Put a whole answer where its message waits. */
  settle(item, reply) {
    const element = this.#waiting.get(item.key);
    this.#waiting.delete(item.key);
    if (!element || this.#turns.has(reply.number)) {
      element?.remove();
      this.#mark();
      return;
    }
    for (const old of element.querySelectorAll(".state, .streaming")) old.remove();
    this.#place(reply.number, element);
    this.#answer(element, reply);
    this.#mark();
    this.#reveal(element);
  }

  /** Say what went wrong with the conversation itself. */
  notice(text, again = null) {
    const notice = make("div", { class: "notice", role: "alert" }, make("p", {}, text));
    if (again) notice.append(button(words.common.again, () => (notice.remove(), again())));
    this.log.append(notice);
    this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  #place(number, element) {
    this.#turns.set(number, element);
    const later = [...this.#turns.keys()].filter((other) => other > number);
    const before = later.length
      ? this.#turns.get(Math.min(...later))
      : [...this.#waiting.values()].find((waiting) => waiting !== element);
    if (before) this.log.insertBefore(element, before);
    else if (!element.isConnected || element.nextElementSibling) this.log.append(element);
  }

  #answer(element, answer) {
    element.append(bubbleOf("theirs", words.chat.mapsi, wordsOf(answer), answer.language));
    const does = { ...this.does, signal: this.#shown.signal };
    const pictures = answer.cards.filter((card) => card.kind === "picture");
    if (answer.job_id && !pictures.length) pictures.push({ job_id: answer.job_id, wear: [] });
    const others = answer.cards.filter((card) => card.kind !== "picture");
    const row = (kind, cards) => make("div", { class: `cards of-${kind}` }, cards);
    // A picture is large: it stands over the looks, and not among them.
    if (pictures.length) element.append(row("picture", pictures.map((card) => pictureCard(card, does))));
    if (others.length) {
      element.append(row(others[0].kind, others.map((card, at) => cardOf(card, { at, does }))));
    }
    if (answer.choices.length) element.append(this.#choices(answer.choices));
  }

  #choices(choices) {
    const chips = choices.map((text) =>
      make(
        "li",
        {},
        make("button", { type: "button", class: "chip", onclick: () => this.does.say(text) }, text),
      ),
    );
    return make("ul", { class: "chips choices" }, chips);
  }

  #state(item) {
    const line = make("div", { class: `state is-${item.state}` });
    if (item.state === "failed") {
      line.setAttribute("role", "alert");
      line.append(
        make("p", { class: "wrong" }, fill(words.chat.not_sent, { why: item.why })),
        button(words.chat.retry, () => this.does.retry(item)),
        button(words.chat.discard, () => this.does.discard(item)),
      );
    } else if (item.state === "paced") {
      line.append(fill(words.chat.waiting_seconds, { seconds: item.seconds }));
      line.setAttribute("aria-live", "off");
    } else if (item.state === "waiting") {
      line.append(words.chat.waiting);
    } else {
      const busy = item.state === "looking" ? words.chat.looking : words.chat.thinking;
      line.append(make("span", { class: "dots", "aria-hidden": "true" }), busy);
    }
    return line;
  }

  /** Mark what the next message can be about: the last turn, the last looks. */
  #mark() {
    const turns = [...this.log.querySelectorAll(":scope > .turn")];
    for (const turn of turns) turn.classList.remove("last", "last-looks");
    turns.at(-1)?.classList.add("last");
    const looks = turns.findLast((turn) => turn.querySelector(".outfit"));
    looks?.classList.add("last-looks");
  }

  #reveal(element) {
    const tall = element.offsetHeight > this.log.clientHeight;
    const top = (one) => one.getBoundingClientRect().top;
    if (tall) this.log.scrollTop += top(element) - top(this.log) - MARGIN;
    else this.toEnd();
  }
}

const distance = (log) => log.scrollHeight - log.clientHeight - log.scrollTop;

// The lines that number the looks say what the cards below them say.
function wordsOf({ reply, cards }) {
  const titles = cards.filter(({ kind }) => kind === "outfit").map(({ title }) => title);
  const onCard = (line) => titles.some((title, at) => line.startsWith(`${at + 1}. ${title}`));
  return reply
    .split("\n")
    .filter((line) => !onCard(line))
    .join("\n");
}

function turnOf({ text, photo, picture }) {
  return make(
    "div",
    { class: "turn" },
    photo && sent(photo),
    picture && aboutLine(picture),
    bubbleOf("mine", words.chat.you, text),
  );
}

function sent(photo) {
  const gone = () => picture.replaceWith(make("p", { class: "quiet small" }, words.chat.photo_gone));
  const src = `/v1/photos/${photo}/picture.jpg?side=320`;
  const picture = make("img", { class: "sent", src, alt: words.chat.photo_alt, onerror: gone });
  return picture;
}

function bubbleOf(kind, who, text, lang) {
  const said = make("p", { class: "words", lang }, text);
  const bubble = make("div", { class: `bubble ${kind}` }, make("span", { class: "unseen" }, who), said);
  if (kind === "mine" && text.length > LONG) shorten(bubble, said);
  return bubble;
}

// A page of text would push its answer out of sight.
function shorten(bubble, said) {
  bubble.classList.add("short");
  const whole = button(words.chat.show_all, () => {
    bubble.classList.remove("short");
    whole.remove();
    said.tabIndex = -1;
    said.focus();
  });
  bubble.append(whole);
}

const button = (text, onclick) => make("button", { type: "button", onclick }, text);
