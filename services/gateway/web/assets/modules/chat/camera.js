// A photo taken with this machine's camera, where the browser lets the page look through it.
// On a phone its own camera app does that, by the file input.

import { make, one } from "../dom.js";
import { words } from "../words.js";

const QUALITY = 0.92;

/** Tell whether this browser shows its camera to pages. */
export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** Open the camera in `dialog`; `put(file)` is called with the photo that is taken. */
export async function openCamera(dialog, put) {
  const screen = make("video", { autoplay: true, muted: true, playsinline: true });
  const take = make("button", { type: "button", class: "main", disabled: true }, words.chat.take);
  const close = make("button", { type: "button", onclick: () => dialog.close() }, words.common.close);
  const status = make("p", { role: "status", class: "small" }, words.chat.camera_opens);
  dialog.replaceChildren(screen, status, make("div", { class: "row" }, take, close));
  screen.setAttribute("aria-label", words.chat.camera_view);
  screen.muted = true;
  dialog.showModal();
  let stream = null;
  const stop = () => stream?.getTracks().forEach((track) => track.stop());
  dialog.addEventListener("close", stop, { once: true });
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
  } catch {
    status.textContent = words.chat.camera_none;
    return;
  }
  if (!dialog.open) return stop();
  screen.srcObject = stream;
  await new Promise((resolve) => screen.addEventListener("loadeddata", resolve, { once: true }));
  status.textContent = "";
  take.disabled = false;
  take.addEventListener("click", async () => {
    put(await shot(screen));
    dialog.close();
  });
}

async function shot(screen) {
  const canvas = make("canvas", { width: screen.videoWidth, height: screen.videoHeight });
  canvas.getContext("2d").drawImage(screen, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return new File([blob], "camera.jpg", { type: "image/jpeg" });
}

/** Let the camera's button open this machine's camera instead of a list of files. */
export function startCamera(form, put) {
  const button = one("#camera", form);
  if (!hasCamera() || !matchMedia("(pointer: fine)").matches) return;
  button.classList.add("usable");
  one("input", button).addEventListener("click", (event) => {
    event.preventDefault();
    openCamera(one("#viewfinder"), put);
  });
}
