// The network as a picture: columns of units with their regions, and lines whose width is the weight.

import { CLASSES, diverging, picture, short, style } from "./colors.js";
import { el, prepared } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 16;

export class Diagram {
  /** onchosen(layer, unit) is called when a unit is chosen; layer −1 for none. */
  constructor(onchosen) {
    this.onchosen = onchosen;
    this.lines = el("canvas", { class: "diagram-lines", "aria-hidden": "true" });
    this.columns = el("div", { class: "diagram-columns" });
    this.inner = el("div", { class: "diagram-inner" }, this.lines, this.columns);
    this.detail = el("p", { class: "unit-detail", "aria-live": "polite" });
    const scroll = el("div", { class: "diagram", tabindex: "0", role: "group", "aria-label": t("diagram.label") }, this.inner);
    this.node = el("div", {}, scroll, this.detail);
    this.chosen = [-1, 0];
    this.units = [];
    new ResizeObserver(() => this.measure()).observe(this.inner);
  }

  /** Lays out the units of a network. */
  describe(description, settings) {
    const outputs = description.networks[0].output.units;
    const names = description.columns.slice(0, MOST);
    const counts = [...settings.network.layers.map((layer) => layer.units), outputs];
    const form = JSON.stringify([names, counts]);
    this.description = description;
    if (form === this.form) return;
    this.form = form;
    this.places = null;
    this.weights = null;
    this.chosen = [-1, 0];
    this.detail.textContent = "";
    this.inputs = names.map((name) => el("div", { class: "input-unit", title: name, text: name }));
    this.units = counts.map((count, layer) =>
      Array.from({ length: Math.min(count, MOST) }, (_, unit) => this.unit(layer, unit, counts.length)));
    const column = (title, nodes, more) =>
      el("div", { class: "column" }, el("span", { class: "column-title", text: title }), ...nodes,
        more > 0 ? el("span", { class: "more", text: `+${more}` }) : null);
    this.columns.replaceChildren(
      column(t("diagram.inputs"), this.inputs, description.columns.length - MOST),
      ...this.units.map((units, layer) =>
        column(layer === counts.length - 1 ? t("diagram.output") : t("diagram.hidden", { number: layer + 1 }),
          units.map((one) => one.node), counts[layer] - MOST)),
    );
    this.measure();
  }

  unit(layer, unit, layers) {
    const canvas = el("canvas", { width: 24, height: 24, "aria-hidden": "true" });
    const last = layer === layers - 1;
    const label = last ? t("diagram.output_unit", { unit: unit + 1 }) : t("diagram.unit", { layer: layer + 1, unit: unit + 1 });
    const node = el("button", {
      type: "button", class: "unit", "aria-label": label, "aria-pressed": "false",
      onclick: () => this.choose(layer, unit),
    }, canvas);
    return { node, canvas, label };
  }

  choose(layer, unit) {
    const same = this.chosen[0] === layer && this.chosen[1] === unit;
    this.chosen = same ? [-1, 0] : [layer, unit];
    this.units.forEach((units, row) => units.forEach((one, column) =>
      one.node.setAttribute("aria-pressed", String(row === this.chosen[0] && column === this.chosen[1]))));
    this.describeUnit();
    this.onchosen(...this.chosen);
    this.drawLines();
  }

  /** Takes over the regions of units and the weights of a frame; get(name) returns an array. */
  show(get) {
    const table = diverging(style("--plane"));
    this.weights = this.units.map((_, layer) => get(`weights${layer}`));
    this.pictures = this.units.map((_, layer) => get(`units${layer}`));
    this.units.forEach((units, layer) => {
      const pictures = this.pictures[layer];
      if (!pictures) return;
      const size = pictures.shape[1];
      units.forEach((one, unit) => {
        if (unit >= pictures.shape[0]) return;
        const data = pictures.data.subarray(unit * size * size, (unit + 1) * size * size);
        one.canvas.getContext("2d").putImageData(picture(data, size, size, table), 0, 0);
      });
    });
    this.drawLines();
    this.describeUnit(true);
  }

  /** The region of the chosen unit: {data, size}, or null. */
  region() {
    const [layer, unit] = this.chosen;
    const pictures = this.pictures?.[layer];
    if (!pictures || unit >= pictures.shape[0]) return null;
    const size = pictures.shape[1];
    return { data: pictures.data.subarray(unit * size * size, (unit + 1) * size * size), size };
  }

  describeUnit(quiet = false) {
    const [layer, unit] = this.chosen;
    const weights = this.weights?.[layer];
    this.detail.setAttribute("aria-live", quiet ? "off" : "polite");
    if (layer < 0 || !weights) {
      this.detail.textContent = layer < 0 ? t("diagram.hint") : "";
      return;
    }
    const [rows, columns] = weights.shape;
    const incoming = Array.from({ length: Math.min(rows - 1, 6) }, (_, row) => short(weights.data[row * columns + unit]));
    this.detail.textContent = t("diagram.detail", {
      name: this.units[layer][unit].label,
      weights: incoming.join(", ") + (rows - 1 > 6 ? ", …" : ""),
      bias: short(weights.data[(rows - 1) * columns + unit]),
    });
  }

  /** Finds the ends of the lines: for each column of units their left and right sides. */
  measure() {
    if (!this.lines.isConnected || !this.units.length) return;
    const origin = this.inner.getBoundingClientRect();
    const sides = (node) => {
      const box = node.getBoundingClientRect();
      const y = (box.top + box.bottom) / 2 - origin.top;
      return [[box.left - origin.left, y], [box.right - origin.left, y]];
    };
    this.places = [this.inputs.map(sides), ...this.units.map((units) => units.map((one) => sides(one.node)))];
    this.drawLines();
  }

  drawLines() {
    if (!this.lines.isConnected || !this.places) return;
    const { context } = prepared(this.lines);
    this.units.forEach((_, layer) => {
      const weights = this.weights?.[layer];
      const before = this.places[layer].map((sides) => sides[1]);
      const after = this.places[layer + 1].map((sides) => sides[0]);
      if (weights) this.bundle(context, before, after, weights, layer);
    });
    context.globalAlpha = 1;
  }

  bundle(context, before, after, weights, layer) {
    const columns = weights.shape[1];
    let largest = 1e-9;
    for (const value of weights.data) largest = Math.max(largest, Math.abs(value));
    after.forEach(([x2, y2], unit) => {
      before.forEach(([x1, y1], row) => {
        const value = weights.data[row * columns + unit];
        const focus = this.chosen[0] < 0 || (this.chosen[0] === layer && this.chosen[1] === unit);
        context.globalAlpha = (0.2 + 0.7 * Math.min(Math.abs(value) / largest, 1)) * (focus ? 1 : 0.25);
        context.strokeStyle = value < 0 ? CLASSES[1] : CLASSES[0];
        context.lineWidth = 0.5 + 4 * Math.min(Math.abs(value) / Math.max(largest, 1), 1);
        const bend = (x2 - x1) * 0.45;
        context.beginPath();
        context.moveTo(x1, y1);
        context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
        context.stroke();
      });
    });
  }
}
