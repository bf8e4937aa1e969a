// The conversations of this person: beside the talk on a desk, behind a button on a phone.

import { api } from "../api.js";
import { make, one } from "../dom.js";
import { date } from "../format.js";
import { words } from "../words.js";

const WIDE = matchMedia("(min-width: 64rem)");

/** The list of conversations. */
export class History {
  #rows = [];
  #next = null;
  #here = null;
  #asked = 0;

  /** @param {object} does `open(session)` and `begin()` */
  constructor(dialog, does) {
    this.dialog = dialog;
    this.does = does;
    closesBy(dialog);
    one("#open-history").addEventListener("click", () => dialog.showModal());
    one("#new").addEventListener("click", () => this.#leave(() => does.begin()));
    one("#older").addEventListener("click", () => this.#more(this.#next));
    WIDE.addEventListener("change", () => this.#stand());
    this.#stand();
  }

  /** Tell which conversation is shown. */
  mark(session) {
    this.#here = session;
    this.#draw();
  }

  /** Read the list again. */
  async refresh() {
    await this.#more(null);
  }

  async #more(cursor) {
    this.#asked += 1;
    const asked = this.#asked;
    const page = await api("/v1/chat/sessions", { query: { cursor, limit: 30 } }).catch(() => null);
    if (page === null || asked !== this.#asked) return; // a later answer knows more
    this.#rows = cursor ? [...this.#rows, ...page.sessions] : page.sessions;
    this.#next = page.next;
    this.#draw();
  }

  #draw() {
    one("#older").hidden = this.#next === null;
    const rows = this.#rows.filter((row) => row.messages > 0);
    const list = rows.map((row) => this.#row(row));
    const none = make("li", { class: "quiet small" }, words.chat.no_talks);
    one("#talks").replaceChildren(...(list.length ? list : [none]));
  }

  #row(row) {
    const open = make(
      "button",
      {
        type: "button",
        class: "talk-name",
        "aria-current": row.id === this.#here ? "true" : null,
        onclick: () => this.#leave(() => this.does.open(row.id)),
      },
      make("span", {}, row.title || words.chat.untitled),
      make("span", { class: "quiet small" }, date(row.updated_at)),
    );
    return make("li", {}, open, this.#bin(row));
  }

  // The first press asks, the second deletes.
  #bin(row) {
    const bin = make("button", { type: "button", class: "plain bin" }, words.chat.delete_talk);
    bin.setAttribute("aria-label", `${words.chat.delete_talk}: ${row.title}`);
    let sure = false;
    bin.addEventListener("click", async () => {
      if (!sure) {
        sure = true;
        bin.textContent = words.chat.delete_talk_sure;
        bin.setAttribute("aria-label", `${words.chat.delete_talk_sure} ${row.title}`);
        return;
      }
      await api(`/v1/chat/sessions/${row.id}`, { method: "DELETE" }).catch(() => null);
      if (row.id === this.#here) this.does.begin();
      await this.refresh();
    });
    return bin;
  }

  #leave(then) {
    if (!WIDE.matches) this.dialog.close();
    then();
    one("#text").focus();
  }

  // On a desk it is part of the page: open, and not modal.
  #stand() {
    if (this.dialog.open) this.dialog.close();
    this.dialog.toggleAttribute("open", WIDE.matches);
  }
}

/** Let a dialog be closed by its button and by a press beside it. */
export function closesBy(dialog) {
  one("[data-close]", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
