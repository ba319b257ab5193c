// Curves over the epochs: loss and accuracy, for training (solid) and validation (dashed).

import { RUNS, short, style } from "./colors.js";
import { el, prepared } from "./dom.js";
import { t } from "./i18n.js";
import { ticks } from "./regions.js";

const MARGIN = { left: 46, right: 10, top: 10, bottom: 20 };

/** The history of each network, kept up to date from frames. */
export class Histories {
  constructor() {
    this.clear();
  }

  clear() {
    this.rows = [];
    this.generations = [];
    this.peaks = [];
  }

  /** Takes over the rows of a frame for one network. */
  take(number, { generation, first }, records) {
    const rows = (this.rows[number] ??= []);
    const kept = Math.min(first, rows.length);
    rows.length = kept;
    if (kept === 0) this.peaks[number] = [0, 0, 0, 0, 0];
    for (let row = 0; row < records.shape[0]; row += 1) {
      rows.push(Array.from(records.data.subarray(row * 5, row * 5 + 5)));
    }
    this.generations[number] = generation;
    const peaks = this.peaks[number];
    for (let row = kept; row < rows.length; row += 1) {
      for (let column = 1; column < 5; column += 1) peaks[column] = Math.max(peaks[column], rows[row][column]);
    }
  }

  /** The largest number in some columns of all networks. */
  peak(columns) {
    return Math.max(0, ...this.peaks.flatMap((peaks) => columns.map((column) => peaks?.[column] ?? 0)));
  }

  /** What the page has: for each network the generation and the number of rows. */
  seen() {
    return this.rows.map((rows, number) => [this.generations[number] ?? 0, rows.length]);
  }

  last(number) {
    return this.rows[number]?.at(-1);
  }
}

export class Curves {
  /** columns: the columns of the history for training and validation. */
  constructor(title, columns, { top = null } = {}) {
    this.title = title;
    this.columns = columns;
    this.top = top;
    this.canvas = el("canvas", { class: "curves", role: "img", "aria-label": title });
    this.node = el("figure", { class: "figure" }, el("figcaption", { text: title }), this.canvas);
    new ResizeObserver(() => this.histories && this.draw(this.histories)).observe(this.canvas);
  }

  draw(histories) {
    this.histories = histories;
    if (!this.canvas.isConnected) return;
    const { context, width, height } = prepared(this.canvas);
    const w = width - MARGIN.left - MARGIN.right;
    const h = height - MARGIN.top - MARGIN.bottom;
    const rows = histories.rows.filter(Boolean);
    const last = Math.max(1, ...rows.map((all) => all.at(-1)?.[0] ?? 0));
    const high = this.top ?? (histories.peak(this.columns) || 1);
    const x = (epoch) => MARGIN.left + (epoch / last) * w;
    const y = (value) => MARGIN.top + h - (Math.min(value, high) / high) * h;
    this.grid(context, { x, y, last, high, width, h });
    histories.rows.forEach((all, number) => {
      context.strokeStyle = RUNS[number];
      this.columns.forEach((column, place) => {
        context.setLineDash(place ? [4, 3] : []);
        context.lineWidth = place ? 1.6 : 1.8;
        this.line(context, all, column, x, y);
      });
    });
    context.setLineDash([]);
    this.canvas.setAttribute("aria-label", this.spoken(histories));
  }

  line(context, rows, column, x, y) {
    const step = Math.max(1, Math.floor(rows.length / 500));
    context.beginPath();
    for (let row = 0; row < rows.length; row += step) {
      if (rows[row][column] >= 0) context.lineTo(x(rows[row][0]), y(rows[row][column]));
    }
    const end = rows.at(-1);
    if (end && end[column] >= 0) context.lineTo(x(end[0]), y(end[column]));
    context.stroke();
  }

  grid(context, { x, y, last, high, width, h }) {
    context.font = "11px system-ui, sans-serif";
    context.strokeStyle = style("--line");
    context.fillStyle = style("--muted");
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of ticks(0, high, 3)) {
      const place = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, place);
      context.lineTo(width - MARGIN.right, place);
      context.stroke();
      context.fillText(short(value), MARGIN.left - 6, place);
    }
    context.textBaseline = "top";
    for (const epoch of ticks(0, last, 4).filter(Number.isInteger)) {
      context.textAlign = epoch === 0 ? "left" : epoch / last > 0.9 ? "right" : "center";
      context.fillText(epoch.toLocaleString(), x(epoch), MARGIN.top + h + 5);
    }
  }

  spoken(histories) {
    const parts = histories.rows.map((rows) => {
      const end = rows.at(-1) ?? [];
      return this.columns.map((column) => short(end[column] ?? NaN)).join(" / ");
    });
    return `${this.title}: ${parts.join(", ")} (${t("curves.order")})`;
  }
}

/** Curves of the norms of gradients by layer; the last 300 frames are kept. */
export class NormCurves {
  constructor(title) {
    this.rows = [];
    this.curves = el("canvas", { class: "curves", role: "img", "aria-label": title });
    this.node = el("figure", { class: "figure" }, el("figcaption", { text: title }), this.curves);
  }

  clear() {
    this.rows = [];
  }

  take(epoch, norms) {
    if (this.rows.at(-1)?.epoch === epoch) this.rows.pop();
    this.rows.push({ epoch, norms });
    if (this.rows.length > 300) this.rows = this.rows.filter((_, index) => index % 2 === 0);
    this.draw();
  }

  /** On a logarithmic scale, since vanishing gradients differ by powers of ten. */
  draw() {
    if (!this.curves.isConnected || !this.rows.length) return;
    const { context, width, height } = prepared(this.curves);
    const all = this.rows.flatMap((row) => row.norms).filter((value) => value > 0);
    const high = Math.ceil(Math.log10(Math.max(...all, 1e-8)));
    const low = Math.max(high - 8, Math.floor(Math.log10(Math.min(...all, 10 ** high / 10))));
    const first = this.rows[0].epoch;
    const span = Math.max(this.rows.at(-1).epoch - first, 1e-9);
    const x = (epoch) => MARGIN.left + ((epoch - first) / span) * (width - MARGIN.left - MARGIN.right);
    const h = height - MARGIN.top - MARGIN.bottom;
    const y = (value) => MARGIN.top + h * (1 - (Math.log10(Math.max(value, 10 ** low)) - low) / Math.max(high - low, 1));
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (let power = low; power <= high; power += Math.ceil((high - low) / 4) || 1) {
      const place = Math.round(y(10 ** power)) + 0.5;
      context.strokeStyle = style("--line");
      context.fillStyle = style("--muted");
      context.beginPath();
      context.moveTo(MARGIN.left, place);
      context.lineTo(width - MARGIN.right, place);
      context.stroke();
      context.fillText(short(10 ** power), MARGIN.left - 6, place);
    }
    const layers = this.rows.at(-1).norms.length;
    for (let layer = 0; layer < layers; layer += 1) {
      context.strokeStyle = `hsl(${210 + (layer / Math.max(layers - 1, 1)) * 180} 65% 50%)`;
      context.lineWidth = 1.8;
      context.beginPath();
      for (const row of this.rows) if (row.norms[layer] > 0) context.lineTo(x(row.epoch), y(row.norms[layer]));
      context.stroke();
      const end = this.rows.at(-1).norms[layer];
      context.fillStyle = context.strokeStyle;
      context.fillText(String(layer + 1), width - 1, y(Math.max(end, 10 ** low)));
    }
  }
}
