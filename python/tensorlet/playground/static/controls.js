// The bar of the training: play, step, epoch, start again, speed, and going back to a moment before.

import { button, choice, el, slider } from "./dom.js";
import { t } from "./i18n.js";
import { short } from "./colors.js";

const SPEEDS = [1, 5, 20, 0];
/** The numbers of a row of the history: their names, and their columns. */
const COLUMNS = { loss: 1, val_loss: 3, accuracy: 2, val_accuracy: 4 };
export const FIGURES = Object.keys(COLUMNS);

/** A number of the history as text; losses as numbers, accuracies in per cent. */
export function figure(row, name) {
  const value = row?.[COLUMNS[name]] ?? -1;
  if (value < 0) return "—";
  return name.endsWith("loss") ? short(value) : `${(value * 100).toFixed(1)}%`;
}

export class Controls {
  constructor(app) {
    this.app = app;
    const send = (command, given) => () => app.command(command, given);
    this.play = button("", () => app.command(app.playing ? "pause" : "play"), { class: "primary play" });
    this.reset = button(t("controls.reset"), send("reset"), { class: "reset" });
    this.step = button(t("controls.step"), send("step"), { class: "step", title: t("controls.step_title") });
    this.epoch = button(t("controls.epoch"), send("epoch"), { class: "epoch" });
    this.speed = choice(t("controls.speed"), SPEEDS.map((speed) => [String(speed), t(`controls.speed.${speed}`)]), String(app.look.speed),
      (value) => {
        app.show({ speed: Number(value) });
        app.command("speed", { speed: Number(value) });
      }, { name: "speed" });
    this.count = el("p", { class: "count", "aria-live": "off" });
    this.back = slider(t("controls.back"), { min: 0, max: 1, step: 1, name: "back" }, 0, (epoch) => this.goBack(epoch), (value) => value.toLocaleString());
    this.back.node.classList.add("back");
    this.numbers = el("dl", { class: "numbers" });
    this.node = el("section", { class: "controls", "aria-label": t("controls.title") },
      el("div", { class: "buttons" }, this.reset, this.play, this.step, this.epoch),
      this.count, this.speed.node, this.back.node, this.numbers);
    this.update();
  }

  goBack(epoch) {
    clearTimeout(this.timer);
    this.dragging = true;
    this.timer = setTimeout(async () => {
      await this.app.command("back", { epoch });
      this.dragging = false;
    }, 150);
  }

  update() {
    const playing = this.app.playing;
    this.play.textContent = playing ? t("controls.pause") : t("controls.play");
    this.play.classList.toggle("playing", playing);
    const run = this.app.frame?.header.runs[0];
    if (!run) return;
    const batches = this.app.description?.networks[0].batches ?? 1;
    this.count.textContent = run.batch
      ? t("controls.count_batch", { epoch: run.epoch.toLocaleString(), batch: run.batch, batches })
      : t("controls.count", { epoch: run.epoch.toLocaleString() });
    if (!this.dragging) {
      this.back.input.max = Math.max(run.epoch, 1);
      this.back.set(run.epoch);
    }
    this.back.input.disabled = run.epoch === 0;
    this.showNumbers();
  }

  showNumbers() {
    const last = this.app.histories.last(0);
    if (!last || this.app.histories.rows.length > 1) { // networks side by side have a table of their own
      this.numbers.replaceChildren();
      return;
    }
    const shown = FIGURES.map((name) => [t(`controls.${name}`), figure(last, name)]);
    if (this.numbers.children.length !== 4) {
      this.numbers.replaceChildren(...shown.map(([name]) => el("div", {}, el("dt", { text: name }), el("dd"))));
    }
    shown.forEach(([, value], place) => (this.numbers.children[place].lastChild.textContent = value));
  }
}
