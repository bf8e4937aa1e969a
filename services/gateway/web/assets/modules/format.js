// Numbers, shares, weeks and colours as people of the page's language read them.

import { language } from "./words.js";

const locale = language === "ko" ? "ko-KR" : "en-GB";
const counts = new Intl.NumberFormat(locale);
const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const changes = new Intl.NumberFormat(locale, {
  style: "percent",
  maximumFractionDigits: 0,
  signDisplay: "exceptZero",
});
const days = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });

/** 12345 → 12,345 */
export const count = (value) => counts.format(value);

/** 0.1234 → 12.3%; null → – */
export const share = (value) => (value === null ? "–" : shares.format(value));

/** 0.46 → +46%; null → – */
export const change = (value) => (value === null ? "–" : changes.format(value));

/** "2026-02-23" → 23 Feb */
export const week = (day) => days.format(new Date(`${day}T00:00:00Z`));

/** "2026-02-23" → 23 Feb 2026 */
export const date = (day) => whole.format(new Date(`${day.slice(0, 10)}T00:00:00Z`));

/** 39000 → ₩39,000 */
export const price = (amount, currency = "KRW") =>
  new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 0 }).format(
    amount,
  );
