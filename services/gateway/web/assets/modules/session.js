// Who is signed in on this browser. The cookie is out of reach here; the gateway is asked.

import { api } from "./api.js";

/** Return `{name, role, guests}`; role is null where nobody is signed in. */
export const who = () => api("/session");

/**
 * Return who is signed in, or become a guest of this browser.
 *
 * @throws {ApiError} with reason "no_guests" where the operator wants everybody to sign in
 */
export const beSomebody = () => api("/session/guest", { method: "POST" });

/** Where to sign in, and to come back here from. */
export function signInAddress() {
  const next = location.pathname + location.search;
  return `/sign-in?${new URLSearchParams({ lang: document.documentElement.lang, next })}`;
}
