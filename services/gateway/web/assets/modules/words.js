// The words of the page's language: words.common.again, and fill("… {seconds} …", { seconds: 3 }).

export const language = document.documentElement.lang === "ko" ? "ko" : "en";

export const words = (await import(`../words/${language}.js`)).default;

/** Return `text` with each {name} filled in. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
