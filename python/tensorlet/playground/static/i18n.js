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

/** Keeps the choice of a language: for this tab, and for pages that are opened later. */
export function keepLanguage(language) {
  sessionStorage.setItem("playground-language", language);
  localStorage.setItem("playground-language", language);
}

/** The first language: chosen in this tab, that of the command line, chosen last, or that of the browser. */
export function firstLanguage() {
  const asked = sessionStorage.getItem("playground-language") || document.documentElement.dataset.language;
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
