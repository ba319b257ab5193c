// One step, slowly: the computation of one row, node by node, values forwards and gradients backwards.

import { short, style } from "./colors.js";
import { button, card, el, number, prepared } from "./dom.js";
import { t } from "./i18n.js";

export class StepPage {
  constructor(app) {
    this.app = app;
    this.row = app.look.row;
    this.place = 0;
    this.number = number(t("step.row"), { min: 0, max: 0, step: 1, name: "row" }, 0, (row) => this.load(row));
    this.back = button(t("step.back"), () => this.move(-1), { class: "step-back" });
    this.next = button(t("step.next"), () => this.move(1), { class: "primary step-next" });
    this.end = button(t("step.end"), () => this.move(1000), { class: "step-end" });
    this.start = button(t("step.start"), () => this.move(-1000), { class: "step-start" });
    this.train = button(t("step.train"), () => this.step(), { class: "step-train" });
    this.progress = el("p", { class: "count", "aria-live": "off" });
    this.lines = el("canvas", { class: "diagram-lines", "aria-hidden": "true" });
    this.columns = el("div", { class: "graph-columns" });
    this.inner = el("div", { class: "diagram-inner" }, this.lines, this.columns);
    const scroll = el("div", { class: "diagram graph", tabindex: "0", role: "group", "aria-label": t("step.graph") }, this.inner);
    this.explained = el("div", { class: "explained", "aria-live": "polite" });
    const controls = el("section", { class: "controls", "aria-label": t("step.controls") },
      el("div", { class: "buttons" }, this.start, this.back, this.next, this.end), this.progress, this.number.node, this.train);
    this.node = el("div", {}, controls,
      card(t("step.title"), {}, el("p", { class: "muted", text: t("step.hint") }), scroll, this.explained));
    new ResizeObserver(() => this.drawLines()).observe(this.inner);
  }

  enter() {
    if (this.app.description) this.load(this.row);
  }

  update() {
    this.load(this.row);
  }

  async step() {
    await this.app.command("step");
    await this.load(this.row, true);
  }

  async load(row, keep = false) {
    try {
      this.graph = await this.app.connection.ask("explain", { network: this.app.chosen, row: Math.min(row, this.app.description.rows[0] - 1) });
    } catch (error) {
      this.app.complain(error);
      return;
    }
    this.row = this.graph.row;
    this.app.show({ row: this.row });
    this.number.input.max = this.graph.rows - 1;
    if (document.activeElement !== this.number.input) this.number.set(this.row);
    const backwards = this.graph.nodes.filter((node) => node.kind !== "label").reverse();
    this.order = [...this.graph.nodes.map((node) => [node, false]), ...backwards.map((node) => [node, true])];
    if (!keep) this.place = 0;
    this.build();
    this.show();
  }

  move(by) {
    if (!this.order) return;
    this.place = Math.min(Math.max(this.place + by, 0), this.order.length - 1);
    this.show();
  }

  /** Columns: what is computed from the row in a chain, with weights and biases below what uses them. */
  build() {
    const nodes = new Map(this.graph.nodes.map((node) => [node.name, node]));
    this.boxes = new Map();
    const columns = [];
    for (const node of this.graph.nodes) {
      if (["weight", "bias", "label"].includes(node.kind)) continue;
      const leaves = node.inputs.map((name) => nodes.get(name)).filter((one) => ["weight", "bias", "label"].includes(one.kind));
      columns.push(el("div", { class: "graph-column" }, this.box(node), ...leaves.map((leaf) => this.box(leaf))));
    }
    this.columns.replaceChildren(...columns);
  }

  box(node) {
    const value = el("span", { class: "node-value" });
    const gradient = el("span", { class: "node-gradient" });
    const box = el("button", { type: "button", class: `node node-${node.kind}`, onclick: () => this.jump(node) },
      el("strong", { text: node.name }), el("span", { class: "node-formula", text: inBox(node) }), value, gradient);
    this.boxes.set(node.name, { box, value, gradient });
    return box;
  }

  jump(node) {
    const backwards = this.place >= this.graph.nodes.length;
    const place = this.order.findIndex(([one, back]) => one === node && back === backwards);
    if (place >= 0) this.place = place;
    this.show();
  }

  show() {
    const reached = new Set();
    const differentiated = new Set();
    this.order.slice(0, this.place + 1).forEach(([node, back]) => (back ? differentiated : reached).add(node.name));
    const [current, back] = this.order[this.place];
    for (const node of this.graph.nodes) {
      const { box, value, gradient } = this.boxes.get(node.name);
      value.textContent = reached.has(node.name) ? brief(node.value) : "·";
      gradient.textContent = differentiated.has(node.name) ? `∂ ${brief(node.gradient)}` : "";
      box.classList.toggle("reached", reached.has(node.name));
      box.classList.toggle("differentiated", differentiated.has(node.name));
      if (node === current) box.setAttribute("aria-current", "step");
      else box.removeAttribute("aria-current");
    }
    this.progress.textContent = t(back ? "step.backward" : "step.forward", { place: this.place + 1, count: this.order.length });
    this.back.disabled = this.place === 0;
    this.next.disabled = this.place === this.order.length - 1;
    this.explained.replaceChildren(...this.explain(current, back));
    this.boxes.get(current.name).box.scrollIntoView?.({ block: "nearest", inline: "center" });
    this.drawLines();
  }

  explain(node, back) {
    const get = (name) => this.graph.nodes.find((one) => one.name === name);
    const parts = [el("h3", { text: back ? t("step.gradient_of", { name: node.name }) : t(`step.kind.${node.kind}`, { name: node.name }) })];
    const formula = back ? node.rule : node.formula !== node.name && `${node.name} = ${node.formula}`;
    if (formula) parts.push(el("p", {}, el("code", { text: formula })));
    const worked = back ? backwards(node, this.graph, get) : forwards(node, get, this.graph);
    if (worked) parts.push(el("p", { class: "worked" }, el("code", { text: worked })));
    parts.push(table(back ? node.gradient : node.value));
    if (back && ["weight", "bias"].includes(node.kind)) parts.push(el("p", { class: "muted", text: this.updateText(node) }));
    return parts;
  }

  updateText(node) {
    const { rate, optimizer } = this.graph;
    const plain = optimizer === "sgd";
    const old = first(node.value);
    const slope = first(node.gradient);
    return plain
      ? t("step.update", { name: node.name, old: short(old, 4), rate: short(rate), slope: short(slope, 4), fresh: short(old - rate * slope, 4) })
      : t("step.update_other", { name: node.name, optimizer: t(`optimizer.${optimizer}`) });
  }

  drawLines() {
    if (!this.lines.isConnected || !this.boxes) return;
    const { context } = prepared(this.lines);
    const origin = this.inner.getBoundingClientRect();
    const [current, back] = this.order[this.place];
    for (const node of this.graph.nodes) {
      for (const name of node.inputs) {
        const from = this.boxes.get(name).box.getBoundingClientRect();
        const to = this.boxes.get(node.name).box.getBoundingClientRect();
        const active = back ? name === current.name : node === current;
        context.strokeStyle = active ? style(back ? "--backward" : "--accent") : style("--line-strong");
        context.lineWidth = active ? 3 : 1.5;
        context.beginPath();
        const above = Math.abs(from.left - to.left) < 5;
        const start = above ? [from.left + from.width / 2, from.top] : [from.right, from.top + from.height / 2];
        const end = above ? [to.left + to.width / 2, to.bottom] : [to.left, to.top + to.height / 2];
        context.moveTo(start[0] - origin.left, start[1] - origin.top);
        context.lineTo(end[0] - origin.left, end[1] - origin.top);
        context.stroke();
      }
    }
  }
}

/** What stands below the name of a node in its box. */
function inBox(node) {
  if (node.kind === "loss") return t("step.loss");
  return node.formula === node.name ? t(`step.box.${node.kind}`) : node.formula;
}

function first(value) {
  return Array.isArray(value) ? first(value[0]) : value;
}

/** A value in its box: few numbers with few digits, so that a network of three layers fits beside each other. */
function brief(value) {
  if (value.length === 1 && !Array.isArray(value[0])) return `[${short(value[0])}]`;
  if (!Array.isArray(value[0])) return `[${value.slice(0, 2).map((one) => short(one, 2)).join(", ")}${value.length > 2 ? ", …" : ""}]`;
  return `${value.length} × ${value[0].length}`;
}

function table(value) {
  const rows = Array.isArray(value[0]) ? value : [value];
  const body = el("tbody");
  rows.slice(0, 12).forEach((row) => {
    const cells = row.slice(0, 10).map((one) => el("td", { text: short(one, 4) }));
    if (row.length > 10) cells.push(el("td", { text: "…" }));
    body.append(el("tr", {}, ...cells));
  });
  if (rows.length > 12) body.append(el("tr", {}, el("td", { text: "…" })));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("step.numbers") }, el("table", { class: "matrix" }, body));
}

/** The first number of a node, worked out. */
function forwards(node, get, graph) {
  if (node.kind === "sum") {
    const [before, weight, bias] = node.inputs.map((name) => get(name).value);
    const terms = before.slice(0, 4).map((one, row) => `${short(one)}·(${short(weight[row][0])})`);
    if (before.length > 4) terms.push("…");
    return `${node.name}[1] = ${terms.join(" + ")} + (${short(bias[0])}) = ${short(node.value[0], 4)}`;
  }
  if (node.kind === "activation" && node.function !== "softmax") {
    return `${node.name}[1] = ${node.function}(${short(get(node.inputs[0]).value[0], 4)}) = ${short(node.value[0], 4)}`;
  }
  if (node.kind === "activation") {
    const z = get(node.inputs[0]).value;
    return `${node.name}[1] = e^${short(z[0])} / (${z.slice(0, 4).map((one) => `e^${short(one)}`).join(" + ")}${z.length > 4 ? " + …" : ""}) = ${short(node.value[0], 4)}`;
  }
  if (node.kind === "loss" && node.function === "sparse_categorical_crossentropy") {
    return `L = −log ${short(get("p").value[graph.label], 4)} = ${short(node.value[0], 4)}`;
  }
  return "";
}

/** The first number of a gradient, worked out by the chain rule. */
function backwards(node, graph, get) {
  const user = graph.nodes.find((one) => one.inputs.includes(node.name));
  if (!user) return "";
  const above = user.gradient;
  const result = short(first(node.gradient), 4);
  if (user.kind === "sum" && node.kind === "weight") {
    const before = get(user.inputs[0]);
    return `∂L/∂${node.name}[1,1] = ${before.name}[1] · ∂L/∂${user.name}[1] = ${short(before.value[0])} · (${short(above[0])}) = ${result}`;
  }
  if (user.kind === "sum" && node.kind === "bias") return `∂L/∂${node.name}[1] = ∂L/∂${user.name}[1] = ${result}`;
  if (user.kind === "sum") {
    const weight = get(user.inputs[1]).value;
    const terms = above.slice(0, 4).map((one, column) => `(${short(one)})·(${short(weight[0][column])})`);
    return `∂L/∂${node.name}[1] = ${terms.join(" + ")}${above.length > 4 ? " + …" : ""} = ${result}`;
  }
  if (user.kind === "activation" && user.function !== "softmax" && Math.abs(above[0]) > 1e-12) {
    return `∂L/∂${node.name}[1] = ${short(above[0])} · ${short(first(node.gradient) / above[0])} = ${result}`;
  }
  return "";
}
