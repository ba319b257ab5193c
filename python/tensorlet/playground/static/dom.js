// Elements and labelled controls. All text goes through textContent: names from files stay text.

let identifiers = 0;

/** Makes an element: el("p", {class: "note", text: "..."}, child, ...). Options that begin with "on" are listeners. */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function unique(prefix) {
  identifiers += 1;
  return `${prefix}-${identifiers}`;
}

/** A button with text. */
export function button(text, onclick, options = {}) {
  return el("button", { type: "button", text, onclick, ...options });
}

/** A labelled choice; entries are [value, text]. Returns {node, set}. */
export function choice(label, entries, value, onchange, options = {}) {
  const id = unique("choice");
  const input = el("select", { id, name: options.name, onchange: () => onchange(input.value) });
  for (const [key, text] of entries) input.append(el("option", { value: key, text }));
  input.value = value;
  const node = el("div", { class: "field" }, el("label", { for: id, text: label }), input);
  return { node, input, set: (now) => (input.value = now) };
}

/** A labelled slider whose value stands beside the label. */
export function slider(label, { min, max, step, name }, value, onchange, format = String) {
  const id = unique("slider");
  const output = el("output", { for: id });
  const input = el("input", { id, name, type: "range", min, max, step });
  const show = () => {
    output.textContent = format(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    onchange(Number(input.value));
  });
  const set = (now) => {
    input.value = now;
    show();
  };
  set(value);
  const head = el("div", { class: "field-head" }, el("label", { for: id, text: label }), output);
  return { node: el("div", { class: "field" }, head, input), input, set };
}

/** A labelled number. */
export function number(label, { min, max, step, name }, value, onchange) {
  const id = unique("number");
  const input = el("input", { id, name, type: "number", min, max, step, inputmode: "decimal" });
  input.value = value;
  input.addEventListener("change", () => {
    if (input.value !== "" && input.checkValidity()) onchange(Number(input.value));
    else input.reportValidity();
  });
  const node = el("div", { class: "field" }, el("label", { for: id, text: label }), input);
  return { node, input, set: (now) => (input.value = now) };
}

/** A labelled text. */
export function textField(label, value, onchange, options = {}) {
  const id = unique("text");
  const input = el("input", { id, type: "text", spellcheck: "false", autocomplete: "off", ...options });
  input.value = value;
  input.addEventListener("change", () => onchange(input.value));
  const node = el("div", { class: "field" }, el("label", { for: id, text: label }), input);
  return { node, input, set: (now) => (input.value = now) };
}

/** A labelled check box. */
export function check(label, value, onchange, options = {}) {
  const id = unique("check");
  const input = el("input", { id, type: "checkbox", onchange: () => onchange(input.checked), ...options });
  input.checked = value;
  const node = el("div", { class: "check" }, input, el("label", { for: id, text: label }));
  return { node, input, set: (now) => (input.checked = now) };
}

/** A card with a heading. */
export function card(title, options, ...children) {
  const id = unique("card");
  const heading = el("h2", { id, text: title });
  return el("section", { class: `card ${options.class ?? ""}`, "aria-labelledby": id }, heading, ...children);
}

/** Buttons of which one is pressed; entries are [value, text]. */
export function toggles(label, entries, value, onchange, options = {}) {
  const group = el("div", { class: `toggles ${options.class ?? ""}`, role: "group", "aria-label": label });
  const buttons = new Map();
  for (const [key, text] of entries) {
    const one = button(text, () => {
      set(key);
      onchange(key);
    }, { "data-value": key });
    buttons.set(key, one);
    group.append(one);
  }
  const set = (now) => {
    for (const [key, one] of buttons) one.setAttribute("aria-pressed", String(key === now));
  };
  set(value);
  return { node: group, set, buttons };
}

/** Sizes a canvas to its box in device pixels; returns its context, scaled to CSS pixels, with width and height. */
export function prepared(canvas) {
  const scale = globalThis.devicePixelRatio || 1;
  const width = canvas.clientWidth || 1;
  const height = canvas.clientHeight || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Saves text or a blob as a file. */
export function saveAs(name, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: "text/plain" }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
