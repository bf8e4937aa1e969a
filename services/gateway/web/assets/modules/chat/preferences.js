// What is known of the person: seen with its weight and source, changed, erased; and their data.

import { api } from "../api.js";
import { announce, make, one } from "../dom.js";
import { count } from "../format.js";
import { fill, words } from "../words.js";
import { certainty } from "./cards.js";
import { closesBy } from "./history.js";

const TASTES = ["style", "item", "color", "pattern"];
const PATH = "/v1/me/preferences";

/** Start the panel; `open()` of what is returned shows it. */
export function startPreferences(dialog) {
  const place = one("#known", dialog);
  closesBy(dialog);
  const panel = {
    async open() {
      if (!dialog.open) dialog.showModal();
      await draw(place);
    },
  };
  one("#open-preferences").addEventListener("click", panel.open);
  return panel;
}

async function draw(place) {
  try {
    place.replaceChildren(...parts(await api(PATH), place));
  } catch (error) {
    failed(place, error);
  }
}

function failed(place, error) {
  const again = make("button", { type: "button", onclick: () => draw(place) }, words.common.again);
  place.prepend(make("div", { role: "alert" }, make("p", { class: "wrong" }, error.message), again));
}

async function change(place, patch) {
  try {
    const known = await api(PATH, { method: "PATCH", json: patch });
    place.replaceChildren(...parts(known, place));
    announce(words.chat.saved);
  } catch (error) {
    failed(place, error);
  }
}

function parts(known, place) {
  const groups = TASTES.map((kind) => tastes(known, kind, place));
  const nothing = !known.details.length && !known.personal_color_sources.length;
  return [
    make("p", { class: "small quiet" }, nothing ? words.chat.known_nothing : words.chat.known_more),
    ...groups,
    avoided(known, place),
    facts(known, place),
    yours(place),
  ].filter(Boolean);
}

function group(kind, rows) {
  if (!rows.length) return null;
  const list = make("ul", { class: "known" }, rows);
  return make("section", {}, make("h3", {}, words.chat.kinds[kind]), list);
}

function tastes(known, kind, place) {
  const rows = known.details.filter((detail) => detail.kind === kind);
  return group(
    kind,
    rows.map((detail) => {
      const patch = (value) => change(place, { [kind]: { [detail.value]: value } });
      const range = make("input", { type: "range", min: -1, max: 1, step: 0.1, value: detail.weight });
      range.setAttribute("aria-label", fill(words.chat.weight, { label: detail.label }));
      range.addEventListener("change", () => patch(Number(range.value)));
      return row(detail, range, () => patch(null));
    }),
  );
}

function avoided(known, place) {
  const rows = known.details.filter((detail) => detail.kind === "avoid");
  return group(
    "avoid",
    rows.map((detail) =>
      row(detail, null, () =>
        change(place, { avoid: known.avoid.filter((word) => word !== detail.value) }),
      ),
    ),
  );
}

function row(detail, control, forget) {
  const bin = make(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-label": fill(words.chat.forget_one, { label: detail.label }),
      onclick: forget,
    },
    words.chat.forget,
  );
  return make(
    "li",
    {},
    make("span", { class: "what" }, detail.label),
    control ?? make("span", {}),
    bin,
    make("span", { class: "from small quiet" }, origin(detail)),
  );
}

function origin(detail) {
  const told = [detail.source_label];
  if (detail.times > 1) told.push(fill(words.chat.times, { count: count(detail.times) }));
  told.push(
    detail.half_life_days === null
      ? words.chat.holds
      : fill(words.chat.half_life, { days: count(detail.half_life_days) }),
  );
  return told.join(" · ");
}

function facts(known, place) {
  const gender = select("gender", words.chat.genders, known.gender, place);
  const seasons = known.personal_color_sources.length ? known.personal_color : {};
  const likeliest = Object.entries(seasons).sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
  const season = select("personal_color", words.chat.seasons, likeliest, place);
  return make(
    "section",
    { class: "facts" },
    field("gender", gender),
    field("budget", budget(known, place)),
    field("personal_color", season),
    likeliest ? certainty(known.personal_color) : null,
  );
}

function field(kind, control) {
  const label = make("label", { for: `known-${kind}` }, words.chat.kinds[kind]);
  return make("div", { class: "stack" }, label, control);
}

function select(kind, names, value, place) {
  const options = [["", words.chat.unset], ...Object.entries(names)].map(([name, text]) =>
    make("option", { value: name, selected: name === (value ?? "") }, text),
  );
  const box = make("select", { id: `known-${kind}` }, options);
  box.addEventListener("change", () => change(place, { [kind]: box.value || null }));
  return box;
}

function budget(known, place) {
  const input = make("input", {
    id: "known-budget",
    type: "number",
    min: 1000,
    max: 100000000,
    step: 1000,
    inputmode: "numeric",
    value: known.budget,
    "aria-describedby": "known-won",
  });
  input.addEventListener("change", () => {
    if (input.reportValidity()) change(place, { budget: input.value ? Number(input.value) : null });
  });
  const unit = make("span", { id: "known-won", class: "small quiet" }, words.chat.won);
  return make("div", { class: "row budget" }, input, unit);
}

function yours(place) {
  const link = (format, text) =>
    make("a", { class: "button", href: `/v1/me/export?format=${format}`, download: "" }, text);
  return make(
    "section",
    { class: "stack" },
    make("h3", {}, words.chat.your_data),
    link("json", words.chat.export_json),
    link("zip", words.chat.export_zip),
    asking(words.chat.forget_all, words.chat.forget_all_sure, "", async () => {
      await api(PATH, { method: "DELETE" });
      await draw(place);
    }),
    asking(words.chat.delete_me, words.chat.delete_me_sure, words.chat.delete_me_more, async () => {
      await api("/v1/me", { method: "DELETE" });
      sessionStorage.clear();
      location.assign(`/?${new URLSearchParams({ lang: document.documentElement.lang })}`);
    }),
  );
}

/** Return a button that asks before it does something that cannot be undone. */
function asking(text, question, more, does) {
  const box = make("div", { class: "stack asking" });
  const first = make("button", { type: "button", class: "wrong" }, text);
  const back = () => (box.replaceChildren(first), first.focus());
  first.addEventListener("click", () => {
    const no = make("button", { type: "button", onclick: back }, words.chat.never_mind);
    const yes = make("button", { type: "button", class: "main" }, words.chat.sure);
    yes.addEventListener("click", () => does().catch((error) => failed(box, error)));
    box.replaceChildren(
      make("p", { role: "alert" }, question, more ? make("span", { class: "small quiet" }, ` ${more}`) : null),
      make("div", { class: "row" }, no, yes),
    );
    no.focus();
  });
  box.append(first);
  return box;
}
