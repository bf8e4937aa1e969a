// Moments in words, by the gateway's clock: "3 minutes ago", with the local time behind it.

import { make } from "../dom.js";
import { language, words } from "../words.js";

const locale = language === "ko" ? "ko-KR" : "en-GB";
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
let ahead = 0; // of this browser's clock, in milliseconds

/** Take the gateway's clock from an answer. */
export function setClock(response) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) ahead = Date.now() - told;
}

/** Return the gateway's time, in milliseconds since 1970. */
export const now = () => Date.now() - ahead;

/** "2026-03-02T09:30:00Z" → "3 minutes ago"; what lies ahead: "in 3 minutes". */
export function ago(moment) {
  const seconds = (Date.parse(moment) - now()) / 1000;
  if (Math.abs(seconds) < 2) return words.operations.just_now;
  const [unit, size] = UNITS.find(([, long]) => Math.abs(seconds) >= long) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** "2026-03-02T09:30:00Z" → "12 min", as long as it is until now. */
export function lasted(moment) {
  const seconds = Math.max(0, (now() - Date.parse(moment)) / 1000);
  const [unit, size] = UNITS.find(([, long]) => seconds >= long) ?? UNITS.at(-1);
  const form = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(locale, form).format(Math.trunc(seconds / size));
}

/**
 * Make a <time> that stays true: `text` has {time}, which is told anew now and then; `past` is told
 * instead once it is over.
 */
export function moment(at, text = "{time}", past = "") {
  const data = { text, past };
  const element = make("time", { datetime: at, title: exact.format(new Date(at)), data });
  tell(element);
  return element;
}

/** Make a <time> of how long something lasts. */
export function span(since) {
  const traits = { datetime: since, title: exact.format(new Date(since)), data: { lasts: "1" } };
  const element = make("time", traits);
  tell(element);
  return element;
}

/** Tell all moments of the page anew. */
export function tellTimes() {
  for (const element of document.querySelectorAll("time[datetime]")) tell(element);
}

function tell(element) {
  const at = element.dateTime;
  const { lasts, past, text } = element.dataset;
  const over = past && Date.parse(at) <= now();
  const told = lasts ? lasted(at) : over ? past : text.replace("{time}", ago(at));
  if (element.textContent !== told) element.textContent = told;
}
