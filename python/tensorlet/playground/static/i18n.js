// The languages of the page: one table of messages for each, in messages/.

export const LANGUAGES = ["en", "ko"];
const tables = {};
let current = "en";

export async function loadMessages() {
  for (const language of LANGUAGES) {
    const answer = await fetch(`/static/messages/${language}.json`);
    tables[language] = await answer.json();
  }
}

export function setLanguage(language) {
  current = LANGUAGES.includes(language) ? language : "en";
  document.documentElement.lang = current;
}

export function language() {
  return current;
}

/** The first language: the one of the command line, the one chosen last, or that of the browser. */
export function firstLanguage() {
  const asked = document.documentElement.dataset.language;
  const stored = localStorage.getItem("playground-language");
  const own = navigator.language?.toLowerCase().startsWith("ko") ? "ko" : "en";
  return asked || stored || own;
}

/** The message of a key, with {name} replaced by values. An unknown key is shown itself. */
export function t(key, values = {}) {
  const text = tables[current]?.[key] ?? tables.en?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Whether there is a message. */
export function has(key) {
  return key in (tables[current] ?? {});
}
