// Asking whether it is meant, and telling what came of it.

import { announce, one } from "../dom.js";
import { words } from "../words.js";

const TOLD_MS = 8000;
let timer = null;

/** Ask in a dialog; return whether it is meant. */
export function sure({ title, text, yes }) {
  const dialog = one("#sure");
  one("#sure-title").textContent = title;
  one("#sure-text").textContent = text;
  one("#sure-yes").textContent = yes;
  return new Promise((resolve) => {
    one("#sure-yes").onclick = () => dialog.close("yes");
    one("#sure-no").onclick = () => dialog.close("no");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.returnValue = "";
    dialog.showModal();
    one("#sure-no").focus();
  });
}

/** Tell for some seconds what came of it. */
export function tell(text, { bad = false } = {}) {
  const told = one("#told");
  // A modal dialog hides what is outside of it.
  (one("dialog[open]") ?? one("main")).append(told);
  told.textContent = text;
  told.classList.toggle("bad", bad);
  told.hidden = false;
  announce(text);
  clearTimeout(timer);
  timer = setTimeout(() => (told.hidden = true), TOLD_MS);
}

/** Do something with a button: once at a time, and tell what goes wrong. */
export async function act(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (error) {
    tell(error.message ?? words.common.failed, { bad: true });
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
