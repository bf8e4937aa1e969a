// The trend page: curves with their forecast, photos behind a number, views and alerts.
// All of it asks the public API; the table itself was there before.

import { drawCurves } from "./curves.js";
import { all, announce, one } from "./dom.js";
import { openDrawer } from "./drawer.js";
import { startViews } from "./views.js";
import { words } from "./words.js";

const MOST = 4;

function startPhotos() {
  for (const button of all("button.photos")) {
    button.addEventListener("click", () => openDrawer(button.dataset.photos, button.dataset.name));
  }
}

// One stop for the Tab key, and arrow keys within: two hundred cells are too many stops.
function startHeat() {
  const table = one(".heat");
  if (!table) return;
  const rows = all("tbody tr", table).map((row) => all("td", row));
  const buttons = all("button", table);
  const focus = (button) => {
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  };
  buttons.forEach((button, at) => (button.tabIndex = at === 0 ? 0 : -1));
  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const cell = event.target.closest("td");
    const [down, right] = step[event.key] ?? [];
    if (!cell || down === undefined) return;
    event.preventDefault();
    let row = rows.findIndex((cells) => cells.includes(cell));
    let column = rows[row].indexOf(cell);
    for (;;) {
      row += down;
      column += right;
      const next = rows[row]?.[column];
      if (!next) return;
      const button = one("button", next);
      if (button) return focus(button);
    }
  });
}

function startCurves() {
  const section = one("#compare");
  if (!section) return;
  const names = new Map(all("#rows tr[data-key]").map((row) => [row.dataset.key, row.dataset.name]));
  let picks = section.dataset.picks.split("|").filter(Boolean);
  const boxes = all("#rows .pick");
  const show = () => {
    for (const box of boxes) box.checked = picks.includes(box.value);
    drawCurves(section, picks, names, (key) => change(key, false));
  };
  const change = (key, wanted) => {
    if (wanted && picks.length >= MOST) {
      announce(words.trend.compare_full);
      one("#chart-state").textContent = words.trend.compare_full;
      for (const box of boxes) box.checked = picks.includes(box.value);
      return;
    }
    picks = wanted ? [...picks, key] : picks.filter((other) => other !== key);
    remember(picks);
    show();
  };
  for (const box of boxes) box.addEventListener("change", () => change(box.value, box.checked));
  addEventListener("themechange", show);
  show();
}

function remember(picks) {
  const address = new URL(location.href);
  address.searchParams.delete("pick");
  for (const pick of picks) address.searchParams.append("pick", pick);
  history.replaceState(null, "", address);
}

startPhotos();
startHeat();
startCurves();
startViews();
