// A pad of 28 × 28 pixels for digits: mouse, finger, pen, or the arrow keys.

import { el } from "./dom.js";
import { t } from "./i18n.js";

const SIZE = 28;
const SCREEN = 280;

export class DrawingPad {
  /** onchange() is called after each change of the drawing. */
  constructor(onchange) {
    this.onchange = onchange;
    this.ink = new Float32Array(SIZE * SIZE);
    this.cursor = [14, 14];
    this.penDown = false;
    this.canvas = el("canvas", { class: "pad", width: SCREEN, height: SCREEN, tabindex: "0", role: "img", "aria-label": t("digits.pad") });
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerup", () => (this.last = null));
    this.canvas.addEventListener("pointercancel", () => (this.last = null));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("focus", () => this.paint());
    this.canvas.addEventListener("blur", () => this.paint());
    this.paint();
  }

  /** Whether nothing is drawn. */
  get empty() {
    return !this.ink.some((one) => one > 0);
  }

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.place(event);
    this.stroke(this.last, this.last);
  }

  move(event) {
    if (!this.last) return;
    const now = this.place(event);
    this.stroke(this.last, now);
    this.last = now;
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
  }

  /** A line with a soft, round pen about two pixels wide, as the digits of MNIST have. */
  stroke([x1, y1], [x2, y2]) {
    const steps = Math.max(1, Math.ceil(Math.hypot(x2 - x1, y2 - y1) * 3));
    for (let step = 0; step <= steps; step += 1) {
      const x = x1 + ((x2 - x1) * step) / steps;
      const y = y1 + ((y2 - y1) * step) / steps;
      for (let row = Math.max(0, Math.floor(y - 3)); row < Math.min(SIZE, y + 3); row += 1) {
        for (let column = Math.max(0, Math.floor(x - 3)); column < Math.min(SIZE, x + 3); column += 1) {
          const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
          const ink = Math.min(Math.max(1.75 - distance, 0), 1);
          this.ink[row * SIZE + column] = Math.max(this.ink[row * SIZE + column], ink);
        }
      }
    }
    this.paint();
    this.onchange();
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in steps) {
      event.preventDefault();
      const before = this.cursor;
      this.cursor = before.map((value, axis) => Math.min(Math.max(value + steps[event.key][axis], 1), SIZE - 1));
      if (this.penDown) this.stroke(before, this.cursor);
      this.paint();
    } else if (event.key === " ") {
      event.preventDefault();
      this.penDown = !this.penDown;
      if (this.penDown) this.stroke(this.cursor, this.cursor);
      this.paint();
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear();
  }

  clear() {
    this.ink.fill(0);
    this.paint();
    this.onchange();
  }

  /** Takes over 784 numbers from 0 to 255. */
  load(pixels) {
    pixels.forEach((value, place) => (this.ink[place] = value / 255));
    this.paint();
    this.onchange();
  }

  /**
   * The drawing, moved so that its centre of mass is at pixel (14, 14), as in MNIST, but never over the edge:
   * 784 numbers from 0 to 255. An image of MNIST stays where it is.
   */
  pixels() {
    let mass = 0;
    const sums = [0, 0], first = [SIZE, SIZE], last = [0, 0];
    this.ink.forEach((value, place) => {
      if (value === 0) return;
      mass += value;
      [place % SIZE, Math.floor(place / SIZE)].forEach((at, axis) => {
        sums[axis] += value * at;
        first[axis] = Math.min(first[axis], at);
        last[axis] = Math.max(last[axis], at);
      });
    });
    if (mass === 0) return Array.from(this.ink);
    const [dx, dy] = sums.map((sum, axis) =>
      Math.min(Math.max(Math.round(sum / mass - SIZE / 2), last[axis] - SIZE + 1), first[axis]));
    return Array.from(this.ink, (_, place) => {
      const column = (place % SIZE) + dx;
      const row = Math.floor(place / SIZE) + dy;
      const inside = column >= 0 && column < SIZE && row >= 0 && row < SIZE;
      return inside ? Math.round(this.ink[row * SIZE + column] * 255) : 0;
    });
  }

  paint() {
    const context = this.canvas.getContext("2d");
    const size = SCREEN / SIZE;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SCREEN, SCREEN);
    this.ink.forEach((value, place) => {
      if (value === 0) return;
      const shade = Math.round(255 * (1 - value));
      context.fillStyle = `rgb(${shade} ${shade} ${shade})`;
      context.fillRect((place % SIZE) * size, Math.floor(place / SIZE) * size, size, size);
    });
    if (document.activeElement === this.canvas) {
      context.strokeStyle = this.penDown ? "#d03045" : "#2756c5";
      context.lineWidth = 2;
      context.strokeRect(this.cursor[0] * size - 6, this.cursor[1] * size - 6, 12, 12);
    }
  }
}
