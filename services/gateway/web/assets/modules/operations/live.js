// Sections that are told anew every few seconds, unless nobody looks or the page is held.

import { isConnected, onConnection, send } from "../api.js";
import { make, one } from "../dom.js";
import { words } from "../words.js";
import { setClock, tellTimes } from "./times.js";

const sections = [];
let held = false;

/**
 * Keep a section up to date.
 *
 * @param {string} selector of the section, which has a `.state` for loading and trouble
 * @param {string} path of the API
 * @param {object} how `every` seconds; `show(answer, section)` draws it, and returns what is said
 *   of an empty one
 * @returns {Function} tells it anew, now
 */
export function live(selector, path, { every, show }) {
  const section = one(selector);
  const state = one(".state", section);
  let timer = null;
  let asking = null;
  let following = null;

  const ask = async () => {
    section.setAttribute("aria-busy", "true");
    try {
      const response = await send(path);
      setClock(response);
      const told = await response.json();
      const said = show(told, section) ?? "";
      state.className = "state";
      delete state.dataset.said;
      // Only what is new is heard: the same again every five seconds cannot be listened to.
      if (state.textContent !== said) state.textContent = said;
    } catch (error) {
      trouble(section, state, error, refresh);
    } finally {
      section.removeAttribute("aria-busy");
    }
  };
  const refresh = () => {
    // What is asked already may not know yet what was just done: ask once more behind it.
    if (asking) return (following ??= asking.then(refresh));
    following = null;
    clearTimeout(timer);
    asking = ask().then(() => {
      asking = null;
      timer = setTimeout(turn, every * 1000);
    });
    return asking;
  };
  // Held, unseen or cut off: look again by and by whether that is over.
  const turn = () => {
    if (held || document.hidden || !isConnected()) timer = setTimeout(turn, every * 1000);
    else refresh();
  };
  sections.push(refresh);
  refresh();
  return refresh;
}

/** Stop telling anything anew, or go on. */
export function hold(wanted) {
  held = wanted;
  if (!held) refreshAll();
}

/** Tell everything anew, now. */
export const refreshAll = () => Promise.all(sections.map((refresh) => refresh()));

function trouble(section, state, error, refresh) {
  if (error.status === 401 || error.status === 403) return location.reload();
  state.className = "state wrong";
  const again = make("button", { type: "button", onclick: refresh }, words.common.again);
  if (state.dataset.said === error.message && state.firstChild) return undefined;
  state.dataset.said = error.message;
  state.replaceChildren(make("span", {}, error.message), again);
  return undefined;
}

setInterval(() => held || document.hidden || tellTimes(), 1000);
document.addEventListener("visibilitychange", () => document.hidden || held || refreshAll());
onConnection((connected) => connected && !held && refreshAll());
