// The network and its training: layers, and everything that `compile` and `fit` take.

import { button, card, check, choice, el, number, slider, toggles } from "./dom.js";
import { t } from "./i18n.js";
import { short } from "./colors.js";
import { typed } from "./state.js";

const ACTIVATIONS = ["relu", "tanh", "sigmoid", "linear", "leaky_relu", "elu", "selu", "gelu", "swish", "softplus"];
const INITIALIZERS = [
  "glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "lecun_normal", "random_normal", "random_uniform",
  "orthogonal", "zeros", "ones",
];
const OPTIMIZERS = ["sgd", "momentum", "nesterov", "adam", "adamw", "nadam", "rmsprop", "adagrad"];
const LOSSES = ["crossentropy", "binary_crossentropy", "mse", "mae"];
const RATES = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const PENALTIES = [0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const COMPARED = {
  initializer: ["glorot_uniform", "he_normal", "random_normal", "zeros"],
  rate: ["0.001", "0.01", "0.1", "1"],
  activation: ["sigmoid", "tanh", "relu", "elu"],
  optimizer: ["sgd", "momentum", "rmsprop", "adam"],
  batch: ["1", "8", "32", "128"],
  l2: ["0", "0.001", "0.01", "0.1"],
  dropout: ["0", "0.1", "0.3", "0.5"],
  batchnorm: ["false", "true"],
};

function names(values) {
  return values.map((name) => [name, name]);
}

/** Entries of a choice of numbers, with the current value among them. */
function numbers(values, current) {
  const all = [...new Set([...values, current])].sort((a, b) => a - b);
  return all.map((value) => [String(value), short(value)]);
}

/** Changes the entries of a choice only if they differ, so that the keyboard's place is kept. */
function refill(field, entries, value) {
  const form = JSON.stringify(entries);
  if (field.form !== form) {
    field.form = form;
    field.input.replaceChildren(...entries.map(([key, text]) => el("option", { value: key, text })));
  }
  field.set(value);
}

export class LayersPanel {
  constructor(app) {
    this.app = app;
    this.rows = el("ol", { class: "layers" });
    this.add = button(t("network.add"), () =>
      app.change((settings) => settings.network.layers.push({ ...(settings.network.layers.at(-1) ?? { units: 4, activation: "tanh", dropout: 0 }) })),
    { class: "add" });
    this.node = el("div", {}, this.rows, this.add);
    this.count = -1;
  }

  update(description) {
    const layers = description.settings.network.layers;
    if (layers.length !== this.count) this.build(layers);
    layers.forEach((layer, place) => {
      const { units, activation, dropout } = this.fields[place];
      if (document.activeElement !== units.input) units.set(layer.units);
      activation.set(layer.activation);
      if (document.activeElement !== dropout.input) dropout.set(layer.dropout);
    });
    this.add.disabled = layers.length >= 8;
  }

  build(layers) {
    this.count = layers.length;
    this.fields = layers.map((layer, place) => {
      const set = (name) => (value) => this.app.change((settings) => (settings.network.layers[place][name] = value));
      return {
        units: number(t("network.units"), { min: 1, max: 64, step: 1, name: `units${place}` }, layer.units, set("units")),
        activation: choice(t("network.activation"), names(ACTIVATIONS), layer.activation, set("activation"), { name: `activation${place}` }),
        dropout: slider(t("network.dropout"), { min: 0, max: 0.9, step: 0.05, name: `dropout${place}` }, layer.dropout, set("dropout"), (value) => `${Math.round(value * 100)}%`),
      };
    });
    this.rows.replaceChildren(...this.fields.map((fields, place) => {
      const remove = button("×", () => this.app.change((settings) => settings.network.layers.splice(place, 1)),
        { class: "remove", "aria-label": t("network.remove", { number: place + 1 }) });
      const head = el("div", { class: "layer-head" }, el("h3", { text: t("network.layer", { number: place + 1 }) }), remove);
      return el("li", { class: "layer" }, head, fields.units.node, fields.activation.node, fields.dropout.node);
    }));
  }
}

export class TrainingPanel {
  constructor(app) {
    this.app = app;
    const network = app.settings.network;
    const set = (name, read = (value) => value) => (value) => app.change((settings) => (settings.network[name] = read(value)));
    const named = (key, values, prefix) => choice(t(`training.${key}`), values.map((name) => [name, prefix ? t(`${prefix}.${name}`) : name]), network[key], set(key), { name: key });
    const counted = (key) => choice(t(`training.${key}`), [], String(network[key]), set(key, Number), { name: key });
    this.fields = {
      optimizer: named("optimizer", OPTIMIZERS, "optimizer"), rate: counted("rate"), batch: counted("batch"),
      loss: named("loss", LOSSES, "loss"), initializer: named("initializer", INITIALIZERS), l1: counted("l1"), l2: counted("l2"),
    };
    this.values = { rate: RATES, batch: BATCHES, l1: PENALTIES, l2: PENALTIES };
    this.batchnorm = check(t("training.batchnorm"), network.batchnorm, set("batchnorm"), { name: "batchnorm" });
    this.seed = number(t("training.seed"), { min: 0, max: 2147483647, step: 1, name: "seed" }, network.seed, set("seed"));
    this.find = button(t("training.find"), () => this.findRate(), { class: "find" });
    this.found = el("p", { class: "muted small", role: "status" });
    this.fields.rate.node.append(this.find);
    const grid = el("div", { class: "fields" }, ...Object.values(this.fields).map((field) => field.node), this.seed.node);
    this.compare = new ComparePart(app);
    this.node = card(t("training.title"), { class: "training" }, grid, this.found, this.batchnorm.node, this.compare.node);
  }

  update(description) {
    const network = description.settings.network;
    for (const [key, field] of Object.entries(this.fields)) {
      if (key in this.values) refill(field, numbers(this.values[key], network[key]), String(network[key]));
      else field.set(network[key]);
    }
    this.batchnorm.set(network.batchnorm);
    if (document.activeElement !== this.seed.input) this.seed.set(network.seed);
    const binary = description.classes.length === 2;
    for (const option of this.fields.loss.input.options) option.disabled = option.value === "binary_crossentropy" && !binary;
    this.compare.update(description.settings);
  }

  async findRate() {
    this.find.disabled = true;
    this.found.textContent = t("training.finding");
    try {
      const found = await this.app.connection.ask("find_rate");
      this.found.textContent = t("training.found", { rate: short(found.best) });
      this.app.change((settings) => (settings.network.rate = found.best));
    } catch (error) {
      this.found.textContent = "";
      this.app.complain(error);
    }
    this.find.disabled = false;
  }
}

/** Two to four networks side by side that differ in one setting. */
class ComparePart {
  constructor(app) {
    this.app = app;
    const keys = ["", ...Object.keys(COMPARED)];
    this.what = choice(t("compare.what"), keys.map((key) => [key, t(`compare.${key || "nothing"}`)]), app.settings.compare,
      (key) => app.change((settings) => {
        settings.compare = key;
        settings.values = key ? COMPARED[key].slice(0, key === "batchnorm" ? 2 : 3).map(typed) : [];
      }), { name: "compare" });
    this.boxes = el("div", { class: "compare-values" });
    this.node = el("div", { class: "compare" }, this.what.node, this.boxes);
    this.form = "";
  }

  update(settings) {
    this.what.set(settings.compare);
    const form = JSON.stringify([settings.compare, settings.values]);
    if (form === this.form) return;
    this.form = form;
    if (!settings.compare) {
      this.boxes.replaceChildren();
      return;
    }
    const given = settings.values.map(String);
    const all = [...new Set([...this.choices(settings.compare), ...given])];
    const group = toggles(t("compare.values"), all.map((value) => [value, value]), null, (value) => {
      const now = given.includes(value) ? given.filter((one) => one !== value) : [...given, value];
      const kept = all.filter((one) => now.includes(one));
      if (kept.length >= 2 && kept.length <= 4) this.app.change((changed) => (changed.values = kept.map(typed)));
      else this.app.announce(t("compare.count"));
      this.mark(group, given);
    });
    this.mark(group, given);
    this.boxes.replaceChildren(group.node, el("p", { class: "muted small", text: t("compare.hint") }));
  }

  choices(key) {
    const all = { initializer: INITIALIZERS, activation: ACTIVATIONS, optimizer: OPTIMIZERS };
    return all[key] ?? COMPARED[key];
  }

  mark(group, given) {
    for (const [key, one] of group.buttons) one.setAttribute("aria-pressed", String(given.includes(key)));
  }
}
