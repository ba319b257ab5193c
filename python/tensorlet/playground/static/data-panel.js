// The data: generators, points drawn by hand, formulas, and tables of one's own.

import { button, card, check, choice, el, number, slider, textField, toggles, unique } from "./dom.js";
import { examplesChoice } from "./examples.js";
import { t } from "./i18n.js";
import { mark, style } from "./colors.js";
import { prepared } from "./dom.js";

const KINDS = ["circles", "moons", "spirals", "xor", "gaussians", "drawn", "formulas", "table"];
const CLASSES = { circles: 4, spirals: 5, gaussians: 8 };

export class DataPanel {
  constructor(app) {
    this.app = app;
    const data = app.settings.data;
    const set = (name) => (value) => app.change((settings) => (settings.data[name] = value));
    const share = (value) => `${Math.round(value * 100)}%`;
    this.kinds = toggles(t("data.kind"), KINDS.map((kind) => [kind, t(`data.${kind}`)]), data.kind, (kind) => this.choose(kind), { class: "kinds" });
    this.fields = {
      classes: slider(t("data.classes"), { min: 2, max: 8, step: 1, name: "classes" }, data.classes, set("classes")),
      rows: slider(t("data.rows"), { min: 20, max: 2000, step: 10, name: "rows" }, data.rows, set("rows")),
      noise: slider(t("data.noise"), { min: 0, max: 1, step: 0.05, name: "noise" }, data.noise, set("noise"), share),
      balance: slider(t("data.balance"), { min: 0, max: 0.95, step: 0.05, name: "balance" }, data.balance, set("balance"),
        (value) => (value ? share(value) : t("data.equal"))),
      train: slider(t("data.train"), { min: 0.1, max: 0.95, step: 0.05, name: "train" }, data.train, set("train"), share),
      scale: choice(t("data.scale"), ["none", "minmax", "standard"].map((name) => [name, t(`data.scale.${name}`)]), data.scale, set("scale"), { name: "scale" }),
      seed: number(t("data.seed"), { min: 0, max: 2147483647, step: 1, name: "points-seed" }, data.seed, set("seed")),
    };
    this.extra = el("div", { class: "extra" });
    this.count = el("p", { class: "muted small" });
    this.node = card(t("data.title"), { class: "data" }, examplesChoice(), this.kinds.node, this.extra,
      ...Object.values(this.fields).map((field) => field.node), this.count);
    this.kind = "";
    this.drawClass = 0;
  }

  choose(kind) {
    if (kind === "table" && !this.app.description?.table) {
      this.showExtra("table");
      return;
    }
    if (kind === "drawn" && this.app.settings.data.points.length < 4) {
      this.app.settings.data.points = [[-0.6, -0.5, 0], [-0.4, 0.5, 0], [0.5, -0.4, 1], [0.6, 0.6, 1]];
    }
    this.app.change((settings) => (settings.data.kind = kind));
    this.showExtra(kind);
  }

  /** Takes over what the server made of the settings. */
  update(description) {
    const data = description.settings.data;
    this.kinds.set(data.kind);
    for (const [name, field] of Object.entries(this.fields)) {
      if (document.activeElement !== field.input) field.set(data[name]);
    }
    const generated = data.kind in CLASSES || data.kind === "moons" || data.kind === "xor";
    this.fields.classes.node.hidden = !(data.kind in CLASSES);
    this.fields.classes.input.max = CLASSES[data.kind] ?? 8;
    this.fields.rows.node.hidden = !generated && data.kind !== "formulas";
    this.fields.noise.node.hidden = !generated && data.kind !== "formulas";
    this.fields.balance.node.hidden = !generated;
    this.count.textContent = t("data.count", { train: description.rows[0], validation: description.rows[1] });
    if (this.kind !== data.kind || data.kind === "table") this.showExtra(data.kind);
    this.updateDrawn();
  }

  showExtra(kind) {
    this.kind = kind;
    const parts = { drawn: () => this.drawnPart(), formulas: () => this.formulaPart(), table: () => this.tablePart() };
    const focused = this.extra.contains(document.activeElement) ? document.activeElement.name : "";
    this.extra.replaceChildren(...(parts[kind]?.() ?? []));
    if (focused) this.extra.querySelector(`[name="${focused}"]`)?.focus(); // the keyboard stays where it was
  }

  drawnPart() {
    const classes = Array.from({ length: 8 }, (_, place) => [String(place), t("data.class", { number: place })]);
    const which = toggles(t("data.draw_class"), classes, String(this.drawClass), (value) => (this.drawClass = Number(value)), { class: "marks" });
    for (const [key, one] of which.buttons) {
      const sign = el("canvas", { class: "sign", "aria-hidden": "true" });
      one.replaceChildren(sign, el("span", { class: "hidden", text: t("data.class", { number: key }) }));
      requestAnimationFrame(() => {
        const { context, width, height } = prepared(sign);
        mark(context, Number(key), width / 2, height / 2, 5, false, style("--card"));
      });
    }
    this.drawnCount = el("p", { class: "muted small", role: "status" });
    const undo = button(t("data.undo"), () => this.edit((points) => points.slice(0, -1)));
    const clear = button(t("data.clear"), () => this.edit((points) => points.slice(0, 4)));
    return [el("p", { class: "muted small", text: t("data.draw_hint") }), which.node, el("div", { class: "row" }, undo, clear), this.drawnCount];
  }

  updateDrawn() {
    if (this.kind === "drawn" && this.drawnCount) {
      this.drawnCount.textContent = t("data.drawn_count", { count: this.app.settings.data.points.length });
    }
  }

  edit(change) {
    this.app.change((settings) => (settings.data.points = change(settings.data.points)));
    this.updateDrawn();
  }

  /** A point that was drawn into the plane. */
  draw(x, y) {
    const round = (value) => Math.round(value * 1000) / 1000;
    this.edit((points) => (points.length < 500 ? [...points, [round(x), round(y), this.drawClass]] : points));
  }

  formulaPart() {
    const formulas = this.app.settings.data.formulas;
    const fields = [0, 1, 2].map((place) =>
      textField(t("data.formula", { number: place }), formulas[place] ?? "", () => {
        const texts = fields.map((field) => field.input.value.trim()).filter(Boolean);
        this.app.change((settings) => (settings.data.formulas = texts.length ? texts : ["x > 0"]));
      }, { name: `formula${place}`, maxlength: 200 }));
    return [...fields.map((field) => field.node), el("p", { class: "muted small", text: t("data.formula_hint") })];
  }

  /** Chooses a file. The browser's own field would say "no file" in its language when the panel is drawn anew. */
  filePart() {
    const id = unique("file");
    const input = el("input", {
      id, type: "file", class: "hidden", accept: ".csv,.tsv,.txt,text/csv", name: "table", "aria-describedby": `${id}-name`,
      onchange: async () => {
        await this.load(input.files[0]);
        input.value = ""; // a file that was edited can be chosen again
      },
    });
    const name = el("span", { id: `${id}-name`, class: "file-name", text: this.app.fileName || t("data.no_file") });
    return el("div", { class: "file" }, input, el("label", { for: id, class: "file-button", text: t("data.choose_file") }), name);
  }

  tablePart() {
    const parts = [this.filePart()];
    const table = this.app.description?.table;
    if (!table) return [...parts, el("p", { class: "muted small", text: t("data.file_hint") })];
    const data = this.app.settings.data;
    const label = choice(t("data.label"), table.names.map((name) => [name, name]), data.label || table.names.at(-1),
      (name) => this.app.change((settings) => Object.assign(settings.data, { label: name, columns: [] })), { name: "label" });
    const usable = table.names.filter((name, place) => table.numeric[place] && name !== (data.label || table.names.at(-1)));
    const boxes = usable.map((name, number) => check(name, !data.columns.length || data.columns.includes(name), () => {
      const chosen = usable.filter((_, place) => boxes[place].input.checked);
      this.app.change((settings) => (settings.data.columns = chosen.length === usable.length ? [] : chosen));
    }, { name: `column${number}` }));
    const group = el("fieldset", {}, el("legend", { text: t("data.columns") }), ...boxes.map((box) => box.node));
    return [...parts, label.node, group, ...this.axesPart(), el("p", { class: "muted small", text: t("data.link_hint") })];
  }

  /** Which two of several inputs are drawn. */
  axesPart() {
    const columns = this.app.description?.columns ?? [];
    if (columns.length < 3) return [];
    return [0, 1].map((axis) =>
      choice(t("data.axis", { number: axis + 1 }), columns.map((name, place) => [String(place), name]), String(this.app.axes[axis]),
        (value) => {
          this.app.show({ [axis ? "axis-y" : "axis-x"]: Number(value) });
          this.app.redescribe();
        }, { name: `axis${axis}` }).node);
  }

  async load(file) {
    if (!file) return;
    try {
      if (file.size > 2 * 1024 * 1024) throw { code: "file_large", values: { size: file.size, most: 2 * 1024 * 1024 } };
      const answer = await fetch("/table", { method: "POST", body: file, headers: { "X-Session": this.app.connection.session } });
      const reply = await answer.json();
      if (reply.error) throw reply.error;
      this.app.fileName = file.name;
      this.app.show({ "axis-x": 0, "axis-y": 1 });
      // Columns in centimetres or years would drive every unit to its limits: they are scaled unless something was chosen.
      this.app.change(({ data }) => Object.assign(data, {
        kind: "table", columns: [], label: reply.names.at(-1), scale: data.scale === "none" ? "standard" : data.scale,
      }));
    } catch (error) {
      this.app.complain(error);
    }
  }
}
