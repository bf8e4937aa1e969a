// The public API, as everybody else uses it: JSON in and out, problem+json as errors in the
// page's language. The session's cookie goes along; what changes something names the page.

import { fill, language, words } from "./words.js";

/** What the API refused, or that nobody answered (status 0). `message` is for people. */
export class ApiError extends Error {
  constructor(message, { status = 0, reason = "no_answer", wait = null, errors = [] } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
    /** Seconds after which another try makes sense, or null. */
    this.wait = wait;
    this.errors = errors;
  }
}

/**
 * Ask the API; return its JSON (null where it has none).
 *
 * @param {string} path such as "/v1/trends"
 * @param {object} options `query` (null and "" are left out), `method`, `json` or `form`
 *   (FormData), `key` (Idempotency-Key), `signal` (AbortSignal)
 * @throws {ApiError} also where nobody answers; an AbortError where `signal` says so
 */
export async function api(path, options = {}) {
  const response = await send(path, options);
  if (response.status === 204) return null;
  return response.json();
}

/** As `api`, but return the response itself, for streams and files. */
export async function send(path, { query, method, json, form, key, signal, accept } = {}) {
  const headers = { "Accept-Language": language, "X-Mapsi-Page": "1" };
  if (accept) headers.Accept = accept;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const body = json === undefined ? form : JSON.stringify(json);
  const verb = method ?? (body === undefined ? "GET" : "POST");
  let response;
  try {
    response = await fetch(address(path, query), { method: verb, headers, body, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connection(false);
    throw new ApiError(words.common.no_answer);
  }
  connection(true);
  if (!response.ok) throw await problem(response);
  return response;
}

/** Return `path` with a query; null, undefined and "" are left out. */
export function address(path, query = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") asked.set(name, value);
  }
  return asked.size ? `${path}?${asked}` : path;
}

async function problem(response) {
  const wait = Number(response.headers.get("Retry-After")) || null;
  let told = {};
  try {
    told = await response.json();
  } catch {
    // Not ours: a proxy before us may answer in HTML.
  }
  const busy = response.status === 429 && wait ? fill(words.common.wait, { seconds: wait }) : null;
  const text = busy ?? told.detail ?? `${words.common.failed} (${response.status})`;
  const { reason = "unknown", errors = [] } = told;
  return new ApiError(text, { status: response.status, reason, wait, errors });
}

// Whether somebody answers: the banner of shell.js and the chat's queue listen to it.
let connected = true;
const listeners = new Set();

/** Call `listener(connected)` whenever the connection is lost or found again. */
export function onConnection(listener) {
  listeners.add(listener);
}

/** Tell whether the last request was answered. */
export const isConnected = () => connected;

function connection(now) {
  if (now === connected) return;
  connected = now;
  for (const listener of listeners) listener(now);
}

/** Ask whether Mapsi answers, and tell the listeners. */
export async function knock() {
  try {
    await fetch("/healthz", { cache: "no-store" });
    connection(true);
  } catch {
    connection(false);
  }
  return connected;
}
