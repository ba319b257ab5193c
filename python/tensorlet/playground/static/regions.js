// The plane: regions of the classes, the points, lines of units, and drawing points by hand.

import { diverging, mark, picture, shades, short, style } from "./colors.js";
import { el, prepared } from "./dom.js";
import { t } from "./i18n.js";

const MARGIN = { left: 34, right: 8, top: 8, bottom: 22 };

export class Regions {
  /**
   * options: {ondraw}. ondraw(x, y) is called for a point that is drawn by hand.
   */
  constructor(options = {}) {
    this.options = options;
    this.canvas = el("canvas", { class: "plane", role: "img", tabindex: "0" });
    this.readout = el("p", { class: "readout", "aria-live": "off" });
    this.picture = null;
    this.cursor = null;
    this.unit = null;
    this.lines = [];
    this.drawing = false;
    this.canvas.addEventListener("pointermove", (event) => this.look(this.place(event)));
    this.canvas.addEventListener("pointerleave", () => this.look(null));
    this.canvas.addEventListener("click", (event) => this.put(this.place(event)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** Takes over the points and the part of the plane; axes are the two inputs that are drawn. */
  describe(description, axes) {
    this.description = description;
    this.axes = axes;
    this.box = description.boxes[axes[0]][axes[1]];
    this.table = null;
    this.layer = null;
    this.draw();
  }

  /** Takes over the arrays of a frame. */
  show(classes, certainty) {
    this.classes = classes;
    this.certainty = certainty;
    const size = classes.shape[0];
    const background = style("--plane");
    if (this.background !== background || !this.table) {
      this.background = background;
      this.table = shades(8, background);
    }
    const mixed = new Uint16Array(size * size);
    for (let i = 0; i < mixed.length; i += 1) mixed[i] = classes.data[i] * 256 + certainty.data[i];
    this.picture = this.bitmap(picture(mixed, size, size, this.table), this.picture);
    this.draw();
  }

  /** Shows the region of one unit in place of the classes; null for the classes. */
  showUnit(data, size) {
    this.unit = data ? this.bitmap(picture(data, size, size, diverging(style("--plane"))), this.unit) : null;
    this.draw();
  }

  /** The picture as a canvas, in one that was used before if it has the size. */
  bitmap(image, canvas) {
    const onto = canvas ?? document.createElement("canvas");
    if (onto.width !== image.width) Object.assign(onto, { width: image.width, height: image.height });
    onto.getContext("2d").putImageData(image, 0, 0);
    return onto;
  }

  draw() {
    if (!this.box || !this.canvas.isConnected) return;
    const { context, width, height } = prepared(this.canvas);
    this.small = width < 240;
    const margin = this.small ? { left: 4, right: 4, top: 4, bottom: 4 } : MARGIN;
    this.area = { x: margin.left, y: margin.top, w: width - margin.left - margin.right, h: height - margin.top - margin.bottom };
    const { x, y, w, h } = this.area;
    context.fillStyle = style("--plane");
    context.fillRect(x, y, w, h);
    const image = this.unit ?? this.picture;
    if (image) context.drawImage(image, x, y, w, h);
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    this.drawLines(context);
    this.drawPointLayer(context, width, height);
    context.restore();
    context.strokeStyle = style("--line");
    context.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
    if (!this.small) this.drawAxes(context);
    if (this.cursor) this.drawCursor(context);
  }

  toScreen(px, py) {
    const [left, right, bottom, top] = this.box;
    const { x, y, w, h } = this.area;
    return [x + ((px - left) / (right - left)) * w, y + h - ((py - bottom) / (top - bottom)) * h];
  }

  /** The points, drawn once for each size and colours. */
  drawPointLayer(context, width, height) {
    const form = [this.canvas.width, this.canvas.height, style("--plane")].join(" ");
    if (!this.layer || this.layer.form !== form) {
      const canvas = document.createElement("canvas");
      canvas.width = this.canvas.width;
      canvas.height = this.canvas.height;
      const onto = canvas.getContext("2d");
      onto.scale(canvas.width / width, canvas.height / height);
      this.drawPoints(onto);
      this.layer = { canvas, form };
    }
    context.drawImage(this.layer.canvas, 0, 0, width, height);
  }

  drawPoints(context) {
    const { points, labels, training } = this.description;
    const ring = style("--plane");
    const size = this.small ? 1.9 : points.length > 600 ? 2.6 : 4;
    points.forEach((point, index) => {
      const [x, y] = this.toScreen(point[this.axes[0]], point[this.axes[1]]);
      mark(context, labels[index], x, y, size, !training[index], ring);
    });
  }

  drawLines(context) {
    context.lineWidth = 1.4;
    context.setLineDash([5, 4]);
    context.strokeStyle = style("--ink");
    const [left, right, bottom, top] = this.box;
    for (const [a, b, c] of this.lines) {
      const ends = [];
      if (Math.abs(b) > Math.abs(a)) for (const x of [left, right]) ends.push([x, -(a * x + c) / b]);
      else if (a !== 0) for (const y of [bottom, top]) ends.push([-(b * y + c) / a, y]);
      if (ends.length < 2) continue;
      context.beginPath();
      context.moveTo(...this.toScreen(...ends[0]));
      context.lineTo(...this.toScreen(...ends[1]));
      context.stroke();
    }
    context.setLineDash([]);
  }

  drawAxes(context) {
    const [left, right, bottom, top] = this.box;
    const { x, y, h } = this.area;
    context.fillStyle = style("--muted");
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const value of ticks(left, right)) context.fillText(short(value), this.toScreen(value, bottom)[0], y + h + 5);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of ticks(bottom, top)) context.fillText(short(value), x - 5, this.toScreen(left, value)[1]);
  }

  drawCursor(context) {
    const [x, y] = this.toScreen(...this.cursor);
    context.strokeStyle = style("--ink");
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
    context.stroke();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    if (!this.area) return null;
    const [left, right, bottom, top] = this.box;
    const u = (event.clientX - box.left - this.area.x) / this.area.w;
    const v = 1 - (event.clientY - box.top - this.area.y) / this.area.h;
    if (u < 0 || u > 1 || v < 0 || v > 1) return null;
    return [left + u * (right - left), bottom + v * (top - bottom)];
  }

  put(place) {
    if (place && this.drawing) this.options.ondraw?.(place[0], place[1]);
  }

  /** Arrow keys move a cursor, Enter draws a point or reads the class aloud. */
  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const [left, right, bottom, top] = this.box;
    if (event.key in steps) {
      event.preventDefault();
      const share = event.shiftKey ? 0.1 : 0.02;
      const [x, y] = this.cursor ?? [(left + right) / 2, (bottom + top) / 2];
      const [dx, dy] = steps[event.key];
      const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
      this.cursor = [
        clamp(x + dx * share * (right - left), left, right), clamp(y + dy * share * (top - bottom), bottom, top),
      ];
      this.look(this.cursor, true);
      this.draw();
    } else if ((event.key === "Enter" || event.key === " ") && this.cursor) {
      event.preventDefault();
      this.put(this.cursor);
    } else if (event.key === "Escape") {
      this.cursor = null;
      this.draw();
    }
  }

  /** Says which class the network gives to a point. */
  look(place, aloud = false) {
    this.readout.setAttribute("aria-live", aloud ? "polite" : "off");
    if (!place || !this.classes) {
      this.readout.textContent = "";
      return;
    }
    const [left, right, bottom, top] = this.box;
    const size = this.classes.shape[0];
    const column = Math.min(Math.floor(((place[0] - left) / (right - left)) * size), size - 1);
    const row = Math.min(Math.floor(((place[1] - bottom) / (top - bottom)) * size), size - 1);
    const index = Math.max(row, 0) * size + Math.max(column, 0);
    this.readout.textContent = t("plane.readout", {
      x: short(place[0]), y: short(place[1]),
      name: this.description.classes[this.classes.data[index]] ?? "",
      percent: Math.round((this.certainty.data[index] / 255) * 100),
    });
  }
}

/** Round numbers between two ends. */
export function ticks(low, high, wanted = 5) {
  const raw = (high - low) / wanted;
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * base).find((size) => size >= raw) ?? base * 10;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) {
    found.push(Math.abs(value) < step / 1e6 ? 0 : Number(value.toPrecision(12)));
  }
  return found;
}

/** The names and marks of the classes. */
export function legend(description) {
  const list = el("ul", { class: "legend", "aria-label": t("plane.legend") });
  description.classes.forEach((name, kind) => {
    const sign = el("canvas", { class: "sign", "aria-hidden": "true" });
    list.append(el("li", {}, sign, el("span", { text: name })));
    requestAnimationFrame(() => {
      const { context, width, height } = prepared(sign);
      mark(context, kind, width / 2, height / 2, 5, false, style("--card"));
    });
  });
  list.append(el("li", { class: "muted", text: t("plane.hollow") }));
  return list;
}
