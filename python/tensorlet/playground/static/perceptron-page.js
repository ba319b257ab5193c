// The perceptron: a line that the student drags, against one that the perceptron rule finds.

import { CLASSES, mark, rgb, short, style } from "./colors.js";
import { button, card, el, number, prepared, slider, toggles } from "./dom.js";
import { t } from "./i18n.js";

const GATES = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0] };
const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];
const BOX = [-0.6, 1.6];

/** Two clouds of points from a fixed sequence, so that everyone sees the same. */
function clouds(apart) {
  const points = [];
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let place = 0; place < 40; place += 1) {
    const kind = place % 2;
    const scatter = () => (random() + random() + random() - 1.5) * 0.55;
    points.push([0.5 + (kind ? apart : -apart) + scatter(), 0.5 + (kind ? apart : -apart) * 0.6 + scatter(), kind]);
  }
  return points;
}

const SETS = {
  ...Object.fromEntries(Object.entries(GATES).map(([name, out]) => [name, CORNERS.map((point, row) => [...point, out[row]])])),
  clouds: clouds(0.55),
  mixed: clouds(0.22),
};

export class PerceptronPage {
  constructor(app) {
    this.app = app;
    this.set = app.look.gate in SETS ? app.look.gate : "and";
    this.flip = app.look.swapped ? -1 : 1;
    this.steps = [];
    this.place = 0;
    this.rule = [0, 0, 0];
    this.canvas = el("canvas", { class: "plane drag", role: "img", tabindex: "0" });
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("pointerup", () => (this.held = null));
    this.canvas.addEventListener("pointercancel", () => (this.held = null));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.sets = toggles(t("perceptron.points"), Object.keys(SETS).map((name) => [name, t(`perceptron.${name}`)]), this.set, (name) => {
      this.set = name;
      this.restart();
    }, { class: "kinds" });
    this.angle = slider(t("perceptron.angle"), { min: 0, max: 359, step: 1, name: "angle" }, app.look.angle, () => this.draw(), (value) => `${value}°`);
    this.offset = slider(t("perceptron.offset"), { min: -1.5, max: 1.5, step: 0.01, name: "offset" }, app.look.offset, () => this.draw(), (value) => short(value));
    this.own = el("p", { class: "result-line", role: "status" });
    this.rate = number(t("training.rate"), { min: 0.01, max: 10, step: 0.01, name: "perceptron-rate" }, app.look["rule-rate"], () => this.restart());
    this.state = el("p", { class: "result-line", role: "status" });
    this.formula = el("p", {}, el("code"));
    this.node = el("div", { class: "columns columns-perceptron" },
      card(t("perceptron.points"), {}, this.sets.node, el("p", { class: "muted small", text: t("perceptron.hint") })),
      card(t("perceptron.plane"), { class: "result" }, this.canvas, el("p", { class: "muted small", text: t("perceptron.lines") })),
      el("div", { class: "middle" }, this.ownPart(), this.rulePart()), threePart());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  ownPart() {
    const turn = button(t("perceptron.flip"), () => {
      this.flip = -this.flip;
      this.draw();
    }, { class: "flip" });
    return card(t("perceptron.own"), {}, this.angle.node, this.offset.node, turn, this.own);
  }

  rulePart() {
    const row = el("div", { class: "row" },
      button(t("perceptron.step"), () => this.forward(1), { class: "rule-step" }),
      button(t("perceptron.run"), () => this.run(), { class: "primary rule-run" }),
      button(t("perceptron.restart"), () => this.restart(), { class: "rule-restart" }));
    return card(t("perceptron.rule"), {}, el("p", {}, el("code", { text: "w ← w + η·(t − y)·x,   b ← b + η·(t − y)" })), this.rate.node, row, this.state, this.formula);
  }

  enter() {
    if (this.app.connection.session) this.restart();
  }

  update() {
    this.restart();
  }

  leave() {
    clearInterval(this.timer);
  }

  async restart() {
    clearInterval(this.timer);
    this.place = 0;
    this.rule = [0, 0, 0];
    try {
      const found = await this.app.connection.ask("perceptron", { points: SETS[this.set], start: [0, 0, 0], rate: Number(this.rate.input.value) });
      this.steps = found.steps;
      this.found = found;
    } catch (error) {
      this.app.complain(error);
    }
    this.draw();
  }

  forward(by) {
    this.place = Math.min(this.place + by, this.steps.length);
    if (this.place) this.rule = this.steps[this.place - 1].weights;
    this.draw();
    return this.place < this.steps.length;
  }

  run() {
    clearInterval(this.timer);
    if (this.place === this.steps.length) this.place = 0;
    this.timer = setInterval(() => this.forward(1) || clearInterval(this.timer), 120);
  }

  /** The student's line as w1, w2, b. */
  line() {
    const angle = (Number(this.angle.input.value) * Math.PI) / 180;
    const [a, b] = [Math.cos(angle) * this.flip, Math.sin(angle) * this.flip];
    return [a, b, -(a + b) * 0.5 - Number(this.offset.input.value) * this.flip];
  }

  mistakes([a, b, c]) {
    return SETS[this.set].filter(([x, y, kind]) => (a * x + b * y + c >= 0) !== (kind === 1)).length;
  }

  toScreen(x, y) {
    const { left, top, size } = this.area;
    const span = BOX[1] - BOX[0];
    return [left + ((x - BOX[0]) / span) * size, top + size - ((y - BOX[0]) / span) * size];
  }

  fromScreen(event) {
    const box = this.canvas.getBoundingClientRect();
    const { left, top, size } = this.area;
    const span = BOX[1] - BOX[0];
    return [BOX[0] + ((event.clientX - box.left - left) / size) * span, BOX[0] + ((top + size - event.clientY + box.top) / size) * span];
  }

  /** The two handles: in the middle of the line, and one that turns it. */
  handles() {
    const [a, b] = [Math.cos((Number(this.angle.input.value) * Math.PI) / 180), Math.sin((Number(this.angle.input.value) * Math.PI) / 180)];
    const offset = Number(this.offset.input.value);
    const middle = [0.5 + a * offset, 0.5 + b * offset];
    return { middle, turn: [middle[0] - b * 0.6, middle[1] + a * 0.6] };
  }

  grab(event) {
    const { middle, turn } = this.handles();
    const at = this.fromScreen(event);
    const near = (place) => Math.hypot(at[0] - place[0], at[1] - place[1]);
    this.held = near(turn) < near(middle) ? "turn" : "middle";
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    if (!this.held) return;
    const [x, y] = this.fromScreen(event);
    if (this.held === "turn") {
      const { middle } = this.handles();
      const angle = Math.atan2(y - middle[1], x - middle[0]) - Math.PI / 2;
      this.angle.set(Math.round(((angle * 180) / Math.PI + 720) % 360) % 360);
    } else {
      const angle = (Number(this.angle.input.value) * Math.PI) / 180;
      this.offset.set((x - 0.5) * Math.cos(angle) + (y - 0.5) * Math.sin(angle));
    }
    this.draw();
  }

  key(event) {
    const changes = { ArrowLeft: [this.angle, 3], ArrowRight: [this.angle, -3], ArrowUp: [this.offset, 0.03], ArrowDown: [this.offset, -0.03] };
    if (!(event.key in changes)) return;
    event.preventDefault();
    const [field, by] = changes[event.key];
    const now = Number(field.input.value) + by;
    field.set(field === this.angle ? (now + 360) % 360 : now);
    this.draw();
  }

  draw() {
    if (!this.canvas.isConnected) return;
    const { context, width, height } = prepared(this.canvas);
    const size = Math.min(width, height) - 12;
    this.area = { left: (width - size) / 2, top: 6, size };
    const line = this.line();
    context.save();
    context.beginPath();
    context.rect(this.area.left, this.area.top, size, size);
    context.clip();
    context.fillStyle = style("--plane");
    context.fill();
    this.shade(context, line);
    this.stroke(context, line, style("--ink"), []);
    if (this.rule.some((value) => value !== 0)) this.stroke(context, this.rule, CLASSES[4], [8, 5]);
    for (const [x, y, kind] of SETS[this.set]) mark(context, kind, ...this.toScreen(x, y), SETS[this.set].length > 4 ? 5 : 8, false, style("--plane"));
    this.drawHandles(context);
    context.restore();
    context.strokeStyle = style("--line");
    context.strokeRect(this.area.left + 0.5, this.area.top + 0.5, size - 1, size - 1);
    this.say(line);
    this.app.show({
      gate: this.set, swapped: this.flip < 0, angle: Number(this.angle.input.value), offset: Number(this.offset.input.value),
      "rule-rate": Number(this.rate.input.value),
    });
  }

  /** The side of the student's line that belongs to class 1. */
  shade(context, [a, b, c]) {
    const far = 6;
    const [mx, my] = [-a * c, -b * c];
    const corners = [[mx - b * far, my + a * far], [mx + b * far, my - a * far], [mx + b * far + a * far, my - a * far + b * far], [mx - b * far + a * far, my + a * far + b * far]];
    for (const [kind, sign] of [[1, 1], [0, -1]]) {
      context.beginPath();
      corners.forEach(([x, y], place) => {
        const [px, py] = place < 2 ? [x, y] : [x - (1 - sign) * a * far, y - (1 - sign) * b * far];
        context.lineTo(...this.toScreen(px, py));
      });
      context.closePath();
      context.fillStyle = `rgb(${rgb(CLASSES[kind]).join(" ")} / 0.16)`;
      context.fill();
    }
  }

  stroke(context, [a, b, c], colour, dash) {
    const length = Math.hypot(a, b);
    if (length < 1e-12) return;
    const [u, v] = [a / length, b / length];
    const [x, y] = [-u * (c / length), -v * (c / length)];
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(...this.toScreen(x - v * 5, y + u * 5));
    context.lineTo(...this.toScreen(x + v * 5, y - u * 5));
    context.stroke();
    context.setLineDash([]);
  }

  drawHandles(context) {
    const { middle, turn } = this.handles();
    for (const [place, radius] of [[middle, 8], [turn, 6]]) {
      context.beginPath();
      context.arc(...this.toScreen(...place), radius, 0, 2 * Math.PI);
      context.fillStyle = style("--card");
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = style("--ink");
      context.stroke();
    }
  }

  say(line) {
    const own = this.mistakes(line);
    const points = SETS[this.set].length;
    this.own.textContent = t(own ? "perceptron.mistakes" : "perceptron.separated", { mistakes: own, points });
    this.canvas.setAttribute("aria-label", t("perceptron.label", { mistakes: own, points }));
    const left = this.place ? this.steps[this.place - 1].mistakes : this.found?.mistakes ?? 0;
    const done = this.place === this.steps.length;
    const key = !done ? "perceptron.progress" : this.found?.separated ? "perceptron.converged" : "perceptron.never";
    this.state.textContent = t(key, { step: this.place, mistakes: left });
    const [a, b, c] = this.rule.map((value) => short(value, 4));
    this.formula.firstChild.textContent = `w = (${a}, ${b}),  b = ${c}`;
  }
}

/** XOR by three perceptrons: the numbers can be changed, and the table says what follows. */
function threePart() {
  const weights = [[5, 5, -8], [-7, -7, 3], [-11, -11, 6]];
  const body = el("tbody");
  const verdict = el("p", { class: "result-line", role: "status" });
  const show = () => {
    const output = ([a, b, c], x, y) => (a * x + b * y + c >= 0 ? 1 : 0);
    let right = 0;
    body.replaceChildren(...CORNERS.map(([x, y], row) => {
      const [first, second] = [output(weights[0], x, y), output(weights[1], x, y)];
      const out = output(weights[2], first, second);
      right += out === GATES.xor[row] ? 1 : 0;
      return el("tr", {}, ...[x, y, first, second, out, GATES.xor[row]].map((value) => el("td", { text: value })));
    }));
    verdict.textContent = t(right === 4 ? "perceptron.three_right" : "perceptron.three_wrong", { right });
  };
  const names = ["y₁", "y₂", "ȳ"];
  const fields = weights.map((values, unit) => el("fieldset", { class: "three" }, el("legend", { text: names[unit] }),
    ...["w₁", "w₂", "b"].map((name, place) => number(name, { min: -99, max: 99, step: 1, name: `three-${unit}-${place}` }, values[place], (value) => {
      values[place] = value;
      show();
    }).node)));
  const head = el("thead", {}, el("tr", {}, ...["x₁", "x₂", "y₁", "y₂", "ȳ", "XOR"].map((text) => el("th", { scope: "col", text }))));
  show();
  return card(t("perceptron.three"), { class: "wide" }, el("p", { class: "muted small", text: t("perceptron.three_hint") }),
    el("div", { class: "row" }, ...fields), el("table", { class: "matrix" }, head, body), verdict);
}
