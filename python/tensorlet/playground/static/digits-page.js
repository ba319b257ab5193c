// Digits: a model learns MNIST while the student draws, and says what it sees.

import { diverging, picture, short, style } from "./colors.js";
import { DrawingPad } from "./drawing-pad.js";
import { button, card, choice, el, number, toggles } from "./dom.js";
import { t } from "./i18n.js";

const KINDS = ["regression", "perceptron", "lenet"];

export class DigitsPage {
  constructor(app) {
    this.app = app;
    this.kind = KINDS.includes(app.look.model) ? app.look.model : "regression";
    this.digit = -1;
    this.example = 0;
    this.pad = new DrawingPad(() => this.ask());
    this.kinds = toggles(t("digits.model"), KINDS.map((kind) => [kind, t(`digits.${kind}`)]), this.kind, (kind) => {
      this.kind = kind;
      this.configure();
    }, { class: "kinds" });
    this.rows = choice(t("digits.rows"), [1000, 10000, 60000].map((rows) => [String(rows), rows.toLocaleString()]), String(app.look.images), () => this.configure(), { name: "digit-rows" });
    this.rate = choice(t("training.rate"), [0.0001, 0.0003, 0.001, 0.003, 0.01].map((rate) => [String(rate), short(rate)]), String(app.look["model-rate"]), () => this.configure(), { name: "digit-rate" });
    this.seed = number(t("training.seed"), { min: 0, max: 2147483647, step: 1, name: "digit-seed" }, app.look["model-seed"], () => this.configure());
    this.progress = el("progress", { max: "1", value: "0", "aria-label": t("digits.progress") });
    this.records = el("p", { class: "records", role: "status" });
    const train = (epochs) => button(epochs === 1 ? t("digits.train_one") : t("digits.train", { epochs }), () => this.send("digits_train", { epochs }), { class: `train-${epochs}` });
    const model = card(t("digits.learn"), {}, this.kinds.node, el("div", { class: "fields" }, this.rows.node, this.rate.node, this.seed.node),
      el("div", { class: "row" }, train(1), train(5), button(t("digits.stop"), () => this.send("digits_stop"), { class: "stop" })),
      this.progress, this.records, this.programPart());
    const pad = card(t("digits.draw"), { class: "pad-card" }, el("p", { class: "muted small", text: t("digits.draw_hint") }), this.pad.canvas,
      el("div", { class: "row" }, button(t("digits.clear"), () => this.pad.clear(), { class: "clear" }), button(t("digits.example"), () => this.showExample(), { class: "example" })));
    this.node = el("div", { class: "columns columns-digits" }, model, pad, this.answerPart(), this.nearestPart(), this.weightsPart());
  }

  programPart() {
    this.program = el("pre", { class: "code", tabindex: "0", role: "region", "aria-label": t("details.program") });
    return el("details", {}, el("summary", { text: t("details.program") }), this.program);
  }

  answerPart() {
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const bar = el("span", { class: "bar" });
      const value = el("span", { class: "bar-value" });
      const node = el("button", { type: "button", class: "guess", "aria-pressed": "false", onclick: () => this.choose(digit) },
        el("strong", { text: digit }), el("span", { class: "bar-track", "aria-hidden": "true" }, bar), value);
      return { node, bar, value };
    });
    this.evidence = el("canvas", { class: "picture", role: "img", "aria-label": t("digits.evidence") });
    this.evidenceText = el("p", { class: "muted small" });
    return card(t("digits.answer"), { class: "answer" }, el("div", { class: "guesses" }, ...this.bars.map((one) => one.node)),
      el("h3", { text: t("digits.evidence") }), this.evidence, this.evidenceText);
  }

  nearestPart() {
    this.nearest = el("ul", { class: "pictures", "aria-label": t("digits.nearest") });
    return card(t("digits.nearest"), { class: "wide" }, el("p", { class: "muted small", text: t("digits.nearest_hint") }), this.nearest);
  }

  weightsPart() {
    this.pictures = el("ul", { class: "pictures", "aria-label": t("digits.weights") });
    this.weightsHint = el("p", { class: "muted small" });
    this.maps = el("ul", { class: "pictures", "aria-label": t("digits.maps") });
    return card(t("digits.weights"), { class: "wide" }, this.weightsHint, this.pictures, this.maps);
  }

  enter() {
    if (this.app.connection.session) this.restore();
  }

  update() {
    if (!this.ready) this.restore();
  }

  /** The model that the server has already, or a new one. */
  async restore() {
    if (this.app.digitsMade === JSON.stringify(this.given())) {
      await this.send("digits_stop");
      this.afterChange();
    } else await this.configure();
  }

  given() {
    return {
      kind: this.kind, rows: Number(this.rows.input.value), rate: Number(this.rate.input.value), seed: Number(this.seed.input.value),
    };
  }

  async configure() {
    const given = this.given();
    this.app.show({ model: given.kind, images: given.rows, "model-rate": given.rate, "model-seed": given.seed });
    this.records.textContent = t("digits.loading");
    if (await this.send("digits_configure", given)) {
      this.app.digitsMade = JSON.stringify(given);
      this.afterChange();
    }
  }

  afterChange() {
    this.ready = true;
    this.weightsHint.textContent = t(`digits.weights.${this.kind}`);
    this.maps.hidden = this.kind !== "lenet";
    this.showPictures();
    this.ask();
  }

  async send(command, given = {}) {
    try {
      const reply = await this.app.connection.ask(command, given);
      if (reply.program) this.program.textContent = reply.program;
      if ("records" in reply) this.showProgress(reply);
      this.app.pullNow();
      return reply;
    } catch (error) {
      this.app.complain(error);
      return null;
    }
  }

  showFrame() {
    const digits = this.app.digits;
    if (!digits) return;
    this.showProgress(digits);
    const form = `${digits.epoch} ${digits.share} ${digits.training}`;
    if (form === this.form) return;
    this.form = form;
    this.ask();
    this.showPictures();
    if (!digits.training && this.program.closest("details").open) this.send("digits_stop");
  }

  showProgress({ training, epoch, goal, share, records }) {
    this.progress.value = training && goal ? share : epoch ? 1 : 0;
    const last = records.at(-1);
    this.records.textContent = last
      ? t("digits.record", { epoch, loss: short(last[1]), accuracy: (last[2] * 100).toFixed(1), test: (last[4] * 100).toFixed(1) })
      : t(training ? "digits.training" : "digits.untrained");
  }

  /** Asks what the model says of the drawing; one question at a time. */
  async ask() {
    if (!this.ready) return;
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      await this.app.connection.ask("guess", { pixels: this.pad.pixels(), digit: this.digit });
    } catch (error) {
      this.app.complain(error);
    }
    this.asking = false;
    if (this.again) {
      this.again = false;
      this.ask();
    }
  }

  choose(digit) {
    this.digit = this.digit === digit ? -1 : digit;
    this.ask();
  }

  async showExample() {
    const reply = await this.send("digits_example", { index: this.example });
    this.example += 1;
    if (reply) this.pad.load(reply.pixels);
  }

  /** Shows an answer: probabilities, evidence, nearest images. */
  guessed({ header, arrays }) {
    const { digit, labels, distances } = header.guess;
    const probabilities = arrays.get("probabilities").data;
    const best = probabilities.indexOf(Math.max(...probabilities));
    this.bars.forEach((one, place) => {
      one.bar.style.width = `${(probabilities[place] * 100).toFixed(1)}%`;
      one.value.textContent = `${(probabilities[place] * 100).toFixed(1)}%`;
      one.node.classList.toggle("best", place === best);
      one.node.setAttribute("aria-pressed", String(place === this.digit));
      one.node.setAttribute("aria-label", t("digits.bar", { digit: place, percent: (probabilities[place] * 100).toFixed(1) }));
    });
    const evidence = arrays.get("evidence");
    paint(this.evidence, evidence.data, 28, 28);
    this.evidenceText.textContent = t(this.kind === "regression" ? "digits.evidence_exact" : "digits.evidence_near",
      { digit, logit: short(arrays.get("logits").data[digit]) });
    const nearest = arrays.get("nearest");
    // Nothing is near to an empty pad; thin ones would only be the images with the least ink.
    this.nearest.parentElement.hidden = this.pad.empty;
    this.nearest.replaceChildren(...labels.map((label, place) => {
      const canvas = el("canvas", { class: "thumb", role: "img", "aria-label": t("digits.neighbour", { label, distance: distances[place] }) });
      grey(canvas, nearest.data.subarray(place * 784, (place + 1) * 784));
      return el("li", {}, canvas, el("span", { text: label }));
    }));
    const maps = arrays.get("maps");
    if (maps) this.showMaps(maps);
  }

  showMaps(maps) {
    const [count, height, width] = maps.shape;
    this.maps.replaceChildren(...Array.from({ length: count }, (_, place) => {
      const canvas = el("canvas", { class: "thumb", role: "img", "aria-label": t("digits.map", { number: place + 1 }) });
      paint(canvas, maps.data.subarray(place * height * width, (place + 1) * height * width), width, height);
      return el("li", {}, canvas, el("span", { text: place + 1 }));
    }));
  }

  async showPictures() {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const { pictures } = await this.app.connection.ask("digits_pictures");
      const table = diverging(style("--plane"));
      this.pictures.replaceChildren(...pictures.map((rows, place) => {
        const size = rows.length;
        const label = this.kind === "regression" ? t("digits.weights_of", { digit: place }) : t("digits.unit", { number: place + 1 });
        const canvas = el("canvas", { class: "thumb", role: "img", "aria-label": label, width: size, height: size });
        const bytes = Uint8Array.from(rows.flat(), (value) => value + 128);
        canvas.getContext("2d").putImageData(picture(bytes, size, size, table, false), 0, 0);
        return el("li", {}, canvas, el("span", { text: this.kind === "regression" ? place : place + 1 }));
      }));
    } catch (error) {
      this.app.complain(error);
    }
    this.fetching = false;
  }
}

/** Numbers as colours: orange for negative, blue for positive. */
function paint(canvas, data, width, height) {
  let largest = 1e-9;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  const bytes = Uint8Array.from(data, (value) => 128 + Math.round((127 * value) / largest));
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(picture(bytes, width, height, diverging(style("--plane")), false), 0, 0);
}

function grey(canvas, data) {
  const table = new Uint8ClampedArray(768);
  for (let value = 0; value < 256; value += 1) table.fill(255 - value, value * 3, value * 3 + 3);
  canvas.width = 28;
  canvas.height = 28;
  canvas.getContext("2d").putImageData(picture(data, 28, 28, table, false), 0, 0);
}
