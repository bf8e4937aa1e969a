// The conversation: what was said comes from the API, what is being said goes through the outbox.

import { api, ApiError, onConnection } from "../api.js";
import { all, announce, make, one } from "../dom.js";
import { beSomebody, signInAddress } from "../session.js";
import { words } from "../words.js";
import { pointer } from "./about.js";
import { startComposer } from "./composer.js";
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import { startPreferences } from "./preferences.js";
import { Talk } from "./talk.js";

const LAST = "mapsi.chat.session";
const TRIES = 5;
const asked = new URLSearchParams(location.search);

const talk = new Talk(one("#log"), {
  say: (text, picture = null) => say({ text, picture }),
  point: (what) => composer.point(what),
  prefill: (text) => composer.prefill(text),
  retry: (item) => outbox.retry(item),
  discard: (item) => {
    outbox.discard(item);
    talk.drop(item);
    composer.prefill(item.text);
    if (item.picture) composer.point(pointer(item.picture));
  },
  preferences: () => preferences.open(),
});

const outbox = new Outbox({
  state: (item) => isHere(item) && talk.pending(item),
  event: (item, name, data) => isHere(item) && talk.streamed(item, name, data),
  answered(item, reply) {
    if (isHere(item)) talk.settle(item, reply);
    if (isHere(item) && !talk.has(reply.number - 1)) comeBack();
    history.refresh();
  },
  began: (session) => here === null && become(session),
  gone: () => announce(words.chat.gone),
});

const composer = startComposer(one("#composer"), { send: say });
const history = new History(one("#history"), { open: show, begin: () => show(null) });
const preferences = startPreferences(one("#preferences"));

let here = null;
let shown = 0;
let tail = null;

const isHere = (item) => item.session === here;

/** Say something: it is seen at once, and goes out as soon as it can. */
function say({ text, photo = null, picture = null }) {
  const item = outbox.add({ text, photo, picture, session: here });
  talk.pending(item);
  welcome(false);
  outbox.pump();
}

/** Show a conversation, or null: a new one. */
async function show(session) {
  shown += 1;
  become(session);
  tail = null;
  talk.clear();
  welcome(session === null && outbox.of(null).length === 0);
  if (session !== null) await catchUp();
  for (const item of outbox.of(here)) talk.pending(item);
  talk.toEnd();
}

function become(session) {
  here = session;
  const address = new URL(location.href);
  address.searchParams.delete("say");
  if (session) address.searchParams.set("session", session);
  else address.searchParams.delete("session");
  window.history.replaceState(null, "", address);
  for (const link of all("a[hreflang]")) {
    const other = new URL(link.href);
    other.search = address.search;
    other.searchParams.set("lang", link.hreflang);
    link.href = other;
  }
  keep(session);
  history.mark(session);
}

function keep(session) {
  try {
    if (session) sessionStorage.setItem(LAST, session);
    else sessionStorage.removeItem(LAST);
  } catch {
    // The address has it, too.
  }
}

function kept() {
  try {
    return sessionStorage.getItem(LAST);
  } catch {
    return null;
  }
}

/** Read what was said in this conversation and is not shown yet: at first all of it. */
async function catchUp() {
  const [session, visit] = [here, shown];
  try {
    for (let cursor = tail; ; ) {
      const page = await api(`/v1/chat/sessions/${session}`, { query: { cursor } });
      if (visit !== shown) return;
      for (const turn of page.turns) talk.add(turn);
      tail = cursor;
      if (!page.next) break;
      cursor = page.next;
    }
  } catch (error) {
    if (visit !== shown) return;
    // 422: what the address has is no conversation's name.
    if (error instanceof ApiError && [404, 422].includes(error.status)) leave();
    else talk.notice(error.message, catchUp);
  }
}

/** Read what was missed, unless something is on its way: that would be shown twice meanwhile. */
function comeBack() {
  if (here !== null && outbox.of(here).length === 0) catchUp();
}

function leave() {
  show(null);
  talk.notice(words.chat.gone);
}

function welcome(wanted) {
  one("#welcome").hidden = !wanted;
}

/** Become somebody, also where the gateway is about to start or very busy. */
async function somebody() {
  for (let number = 1; ; number += 1) {
    try {
      return await beSomebody();
    } catch (error) {
      const passes = error.status === 0 || error.status >= 500;
      if (!passes || number === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, number * 1000));
    }
  }
}

async function start() {
  try {
    await somebody();
  } catch (error) {
    if (error.reason !== "no_guests") return talk.notice(error.message, start);
    composer.close();
    const link = make("a", { class: "button main", href: signInAddress() }, words.common.sign_in);
    return one("#log").append(make("div", { class: "empty" }, words.chat.guests_only, " ", link));
  }
  const wish = asked.get("say");
  await show(asked.get("session") ?? (wish ? null : kept()));
  history.refresh();
  if (wish) began(wish);
  onConnection((connected) => connected && comeBack());
  document.addEventListener("visibilitychange", () => document.hidden || comeBack());
  outbox.pump();
}

// Another site's link may fill the box in, and no more; our own first page may ask at once.
function began(wish) {
  if (document.referrer.startsWith(`${location.origin}/`)) say({ text: wish });
  else composer.prefill(wish);
}

for (const button of all("[data-say]")) {
  button.addEventListener("click", () => {
    composer.focus();
    say({ text: button.dataset.say });
  });
}
start();
