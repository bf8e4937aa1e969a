// Messages on their way. Each has an idempotency key and stays here, over reloads too, until its
// answer came: sent twice it has one effect, and none is lost when the gateway goes away.

import { api, ApiError, knock, send } from "../api.js";
import { language } from "../words.js";
import { eventsOf } from "./stream.js";

const KEPT = "mapsi.chat.outbox";
const TRIES = 4;
const PHOTO_TRIES = 25;
const KNOCK_MS = 2000;

/** A key that nobody else has; crypto.randomUUID is missing where the page came over http. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends one message after the other, and tells `events` how it goes. */
export class Outbox {
  #items;
  #running = false;

  /**
   * @param {object} events `state(item)`, `event(item, name, data)`, `answered(item, reply)`,
   *   `began(session)` and `gone(item)`
   */
  constructor(events) {
    this.events = events;
    this.#items = recall();
  }

  /** What waits in a conversation; null: in the one that has not begun. */
  of(session) {
    return this.#items.filter((item) => item.session === session);
  }

  add({ text, session, photo = null, picture = null }) {
    const item = { key: newKey(), text, session, photo, picture, state: "sending", why: "" };
    this.#items.push(item);
    this.#keep();
    return item;
  }

  retry(item) {
    item.state = "sending";
    this.events.state(item);
    this.pump();
  }

  discard(item) {
    this.#items = this.#items.filter((one) => one !== item);
    this.#keep();
    this.pump();
  }

  /** Send what waits, the oldest first. */
  async pump() {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const item = this.#items.find((one) => one.state !== "failed");
        if (!item || !(await this.#deliver(item))) break;
      }
    } finally {
      this.#running = false;
    }
  }

  async #deliver(item) {
    for (let number = 1; ; number += 1) {
      try {
        this.#tell(item, item.photo ? "looking" : "thinking");
        await this.#begin(item);
        if (item.photo) await analysed(item.photo);
        const reply = await this.#say(item);
        this.#items = this.#items.filter((one) => one !== item);
        this.#keep();
        this.events.answered(item, reply);
        return true;
      } catch (error) {
        if (!(await this.#again(item, error, number))) return false;
      }
    }
  }

  /** Wait where another try makes sense; false: it has to wait for somebody. */
  async #again(item, error, number) {
    const known = error instanceof ApiError ? error : new ApiError(String(error));
    if (known.status === 0) {
      this.#tell(item, "waiting");
      while (!(await knock())) await pause(KNOCK_MS);
      await pause(300 * number);
      return number < TRIES || this.#fail(item, known.message);
    }
    if (known.status === 429) {
      await this.#countdown(item, known.wait ?? 5);
      return true;
    }
    if (known.status >= 500 && number < TRIES) {
      await pause(500 * 2 ** number);
      return true;
    }
    if (known.reason === "unknown_session") this.events.gone(item);
    return this.#fail(item, known.message);
  }

  #fail(item, why) {
    item.why = why;
    this.#tell(item, "failed");
    return false;
  }

  async #countdown(item, seconds) {
    for (let left = Math.ceil(seconds); left > 0; left -= 1) {
      item.seconds = left;
      this.#tell(item, "paced");
      await pause(1000);
    }
  }

  async #begin(item) {
    if (item.session) return;
    const begun = await api("/v1/chat/sessions", { json: { language }, key: `${item.key}-begin` });
    for (const one of this.#items) one.session ??= begun.id;
    this.#keep();
    this.events.began(begun.id);
  }

  async #say(item) {
    const json = { text: item.text };
    if (item.photo) json.photo_id = item.photo;
    if (item.picture) json.picture = item.picture;
    const path = `/v1/chat/sessions/${item.session}/messages`;
    const response = await send(path, { json, key: item.key, accept: "text/event-stream" });
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      return response.json();
    }
    this.events.event(item, "begin", null);
    for await (const { event, data } of readable(response)) {
      const told = JSON.parse(data);
      if (event === "done") return told;
      this.events.event(item, event, told);
    }
    throw new ApiError("the answer ended before it was whole");
  }

  #tell(item, state) {
    item.state = state;
    this.#keep();
    this.events.state(item);
  }

  #keep() {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(this.#items));
    } catch {
      // Storage may be full or forbidden: they hold until the page is left.
    }
  }
}

// A stream that breaks off is a lost connection, whatever the browser calls it.
async function* readable(response) {
  try {
    yield* eventsOf(response);
  } catch (error) {
    throw new ApiError(String(error));
  }
}

async function analysed(photo) {
  for (let number = 0; number < PHOTO_TRIES; number += 1) {
    const { state } = await api(`/v1/photos/${photo}`);
    if (state !== "received" && state !== "pending") return;
    await pause(1000);
  }
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return kept.map((item) => ({ ...item, state: "sending" }));
  } catch {
    return [];
  }
}
