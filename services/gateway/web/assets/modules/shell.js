// What every page has: the switch of light and dark, and the banner of a lost connection.

import { isConnected, knock, onConnection } from "./api.js";
import { announce, one } from "./dom.js";
import { who } from "./session.js";
import { words } from "./words.js";

const AGAIN_MS = 3000;
const root = document.documentElement;

function isDark() {
  return root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
}

function startTheme() {
  const button = one("#theme");
  const show = () => {
    button.textContent = isDark() ? words.common.light : words.common.dark;
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // It holds until the next page.
    }
    show();
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    show();
    dispatchEvent(new Event("themechange"));
  });
  show();
  button.hidden = false;
}

function startConnection() {
  const banner = one("#offline");
  let timer = null;
  onConnection((connected) => {
    banner.hidden = connected;
    clearInterval(timer);
    if (connected) announce(words.common.online);
    else timer = setInterval(knock, AGAIN_MS);
  });
  one("#again").addEventListener("click", async () => {
    if (await knock()) location.reload();
  });
  addEventListener("offline", knock);
  addEventListener("online", () => isConnected() || knock());
}

// A browser that came from another site's link did not send its cookie (SameSite=Strict): the
// page was drawn for a stranger. A request of the page's own has it.
async function lookAgain() {
  if (root.dataset.role) return;
  const someone = await who().catch(() => null);
  const isKnown = someone?.role && someone.role !== "guest"; // a guest's page is a stranger's
  if (isKnown && performance.getEntriesByType("navigation")[0]?.type !== "reload") {
    location.reload();
  }
}

// Not by scrollIntoView: the Tab key would go on from there, past the skip link.
function showWhere() {
  const here = one(".top nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft;
}

startTheme();
startConnection();
// On a phone the row of pages is wider than the window.
showWhere();
if (document.referrer === "" || !document.referrer.startsWith(location.origin)) lookAgain();
