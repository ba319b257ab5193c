// The page of networks: data, network and result beside each other.

import { RUNS } from "./colors.js";
import { Compared } from "./compared.js";
import { Controls } from "./controls.js";
import { Curves } from "./curves.js";
import { DataPanel } from "./data-panel.js";
import { Details } from "./details.js";
import { Diagram } from "./diagram.js";
import { button, card, check, el } from "./dom.js";
import { t } from "./i18n.js";
import { LayersPanel, TrainingPanel } from "./network-panel.js";
import { Regions, legend } from "./regions.js";

export class NetworkPage {
  constructor(app) {
    this.app = app;
    this.controls = new Controls(app);
    this.data = new DataPanel(app);
    this.layers = new LayersPanel(app);
    this.training = new TrainingPanel(app);
    this.details = new Details(app);
    this.diagram = new Diagram(() => this.showUnit());
    this.planes = [];
    this.planesNode = el("div", { class: "planes" });
    this.legendNode = el("div");
    this.compared = new Compared(app);
    this.readout = el("div", { class: "readout-line" });
    this.loss = new Curves(t("curves.loss"), [1, 3]);
    this.accuracy = new Curves(t("curves.accuracy"), [2, 4], { top: 1 });
    const lines = check(t("plane.lines"), app.look.lines, (on) => {
      app.show({ lines: on });
      this.showFrame();
    }, { name: "lines" });
    const network = card(t("network.title"), { class: "network" }, this.diagram.node, this.layers.node);
    this.lines = lines;
    const result = card(t("plane.title"), { class: "result" }, this.planesNode, this.readout, this.legendNode, lines.node,
      this.compared.node, this.loss.node, this.accuracy.node, el("p", { class: "muted small", text: t("curves.hint") }));
    this.node = el("div", {}, this.controls.node,
      el("div", { class: "columns" }, this.data.node, el("div", { class: "middle" }, network, this.training.node), result),
      this.details.node);
  }

  /** Takes over what the server made of the settings. */
  update(description) {
    this.data.update(description);
    this.layers.update(description);
    this.training.update(description);
    this.diagram.describe(description, description.settings);
    this.legendNode.replaceChildren(legend(description));
    this.buildPlanes(description);
    this.compared.describe(description);
    this.lines.node.hidden = description.settings.network.layers.length === 0 && description.classes.length > 2;
    this.details.update();
    this.controls.update();
  }

  buildPlanes(description) {
    const count = description.networks.length;
    if (this.planes.length !== count) {
      this.planes = description.networks.map(() => new Regions({ ondraw: (x, y) => this.data.draw(x, y) }));
      this.captions = description.networks.map((_, number) => button("", () => this.choose(number), { class: "caption" }));
      this.planesNode.className = `planes planes-${count}`;
      this.planesNode.replaceChildren(...this.planes.map((plane, number) => el("figure", { class: "figure" }, el("figcaption", {}, this.captions[number]), plane.canvas, plane.readout)));
    }
    this.planes.forEach((plane, number) => {
      const caption = this.captions[number];
      const { compare, values } = description.settings;
      caption.replaceChildren(el("span", { class: "caption-what", text: compare && `${t(`compare.${compare}`)}: ` }), String(values[number] ?? ""));
      caption.style.borderLeftColor = RUNS[number];
      caption.setAttribute("aria-pressed", String(number === this.app.chosen));
      caption.parentNode.hidden = count === 1;
      plane.drawing = description.settings.data.kind === "drawn";
      plane.canvas.classList.toggle("drawing", plane.drawing);
      plane.describe(description, this.app.axes);
    });
  }

  /** Draws the last frame. */
  showFrame() {
    const frame = this.app.frame;
    if (!frame || !this.planes.length) return;
    this.planes.forEach((plane, number) => {
      const get = (name) => frame.arrays.get(`${number}.${name}`);
      if (!get("classes")) return;
      const drawn = this.app.look.lines && number === this.app.chosen && this.app.axes.every((axis) => axis < 2);
      plane.lines = drawn ? lines(get("weights0")) : [];
      plane.show(get("classes"), get("certainty"));
      if (!this.app.playing) plane.canvas.setAttribute("aria-label", this.spoken(number));
    });
    const shown = (name) => frame.arrays.get(`${this.app.chosen}.${name}`);
    // While it trains, the planes change with every frame; the rest takes turns, each in one of three frames.
    this.drawn = shown("units0") ? 0 : (this.drawn ?? 0) + 1;
    const turn = (number) => !this.app.playing || this.drawn === number;
    if (this.drawn === 0) {
      this.diagram.show(shown);
      this.details.show(shown, frame.header.runs[0].epoch);
      this.showUnit();
    }
    if (turn(1)) this.loss.draw(this.app.histories);
    if (turn(1)) this.accuracy.draw(this.app.histories);
    if (turn(2)) this.compared.show();
    if (turn(2)) this.controls.update();
  }

  showUnit() {
    const region = this.diagram.region();
    this.planes.forEach((plane, number) => {
      const shown = number === this.app.chosen ? region : null;
      if (shown || plane.unit) plane.showUnit(shown?.data ?? null, shown?.size);
    });
  }

  /** Shows the units, weights and program of one of the networks side by side. */
  choose(number) {
    this.app.show({ network: number });
    this.captions.forEach((caption, place) => caption.setAttribute("aria-pressed", String(place === number)));
    this.details.update();
    this.app.pullNow();
  }

  spoken(number) {
    const last = this.app.histories.last(number);
    const accuracy = last && last[4] >= 0 ? `${(last[4] * 100).toFixed(1)}%` : "—";
    return t("plane.label", { epoch: this.app.frame.header.runs[number].epoch, accuracy, name: this.app.networkName(number) });
  }
}

/** The lines on which the units of the first layer are zero: [w1, w2, b] each. */
function lines(weights) {
  if (!weights || weights.shape[0] !== 3) return [];
  const columns = weights.shape[1];
  return Array.from({ length: columns }, (_, unit) => [0, 1, 2].map((row) => weights.data[row * columns + unit]));
}
