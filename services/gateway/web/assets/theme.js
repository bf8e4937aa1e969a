"use strict";
document.documentElement.dataset.js = "";
// Before the first paint: light or dark as chosen here, or else as the system has it.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the system's choice holds.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
