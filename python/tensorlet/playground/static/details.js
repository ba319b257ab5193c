// Weights and gradients, the formula, the Keras program, and files to download.

import { diverging, picture, short, style } from "./colors.js";
import { NormCurves } from "./curves.js";
import { button, card, el, toggles } from "./dom.js";
import { t } from "./i18n.js";

const FILES = ["keras", "h5", "onnx", "py"];

export class Details {
  constructor(app) {
    this.app = app;
    const tabs = ["formula", "program", "weights", "files"];
    this.tab = tabs.includes(app.look.tab) ? app.look.tab : tabs[0];
    this.tabs = toggles(t("details.title"), tabs.map((name) => [name, t(`details.${name}`)]), this.tab, (name) => {
      this.tab = name;
      app.show({ tab: name });
      this.render();
    }, { class: "tabs" });
    this.body = el("div", { class: "details-body" });
    this.norms = new NormCurves(t("details.norms"));
    this.node = card(t("details.heading"), { class: "details" }, this.tabs.node, this.body);
  }

  update() {
    this.norms.clear();
    this.render();
  }

  render() {
    if (!this.app.description) return;
    this.app.wantsGradients = this.tab === "weights";
    const parts = { formula: () => this.formulas(), program: () => this.program(), weights: () => this.weights(), files: () => this.files() };
    this.body.replaceChildren(...parts[this.tab]());
    this.app.pullNow();
  }

  formulas() {
    const { networks } = this.app.description;
    const { formula, parameters } = networks[this.app.chosen];
    const list = el("ol", { class: "formulas" }, ...formula.map((line) =>
      el("li", {}, el("code", { text: line.text }),
        line.shape ? el("span", { class: "muted", text: `W: ${line.shape.join(" × ")}` }) : null,
        line.where ? el("span", { class: "muted", text: line.where }) : null)));
    const text = formula.map((line) => line.text).join("\n");
    const name = this.app.networkName(this.app.chosen);
    return [name ? el("h3", { text: name }) : "", list, el("p", { class: "muted", text: t("details.parameters", { count: parameters.toLocaleString() }) }), this.copyButton(() => text)];
  }

  program() {
    const code = el("pre", { class: "code", tabindex: "0", role: "region", "aria-label": t("details.program") });
    const refresh = async () => {
      const { programs } = await this.app.connection.ask("program");
      code.textContent = programs[this.app.chosen];
    };
    this.refreshProgram = refresh;
    refresh().catch((error) => this.app.complain(error));
    return [el("p", { class: "muted", text: t("details.program_hint") }), this.copyButton(() => code.textContent), code];
  }

  copyButton(text) {
    const one = button(t("details.copy"), async () => {
      try {
        await navigator.clipboard.writeText(text());
        this.app.announce(t("details.copied"));
        one.textContent = t("details.copied");
      } catch {
        this.app.announce(t("details.not_copied"));
        one.textContent = t("details.not_copied");
      }
      setTimeout(() => (one.textContent = t("details.copy")), 1500);
    }, { class: "copy" });
    return one;
  }

  weights() {
    this.grids = el("div", { class: "grids" });
    const hint = el("p", { class: "muted", text: t("details.weights_hint") });
    return [hint, this.norms.node, this.grids];
  }

  /** Takes over a frame; get(name) returns an array of the first network. */
  show(get, epoch) {
    if (this.tab === "program" && !this.app.playing && this.shownEpoch !== epoch) {
      this.shownEpoch = epoch;
      this.refreshProgram?.().catch(() => {});
    }
    const norms = get("norms");
    if (this.tab !== "weights" || !norms || !this.grids) return;
    const layers = norms.shape[0];
    this.norms.take(epoch, Array.from({ length: layers }, (_, layer) => norms.data[layer * 2 + 1]));
    if (this.grids.children.length !== layers) this.grids.replaceChildren(...Array.from({ length: layers }, (_, layer) => this.grid(layer)));
    for (let layer = 0; layer < layers; layer += 1) {
      const node = this.grids.children[layer];
      const [weights, gradients] = [get(`weights${layer}`), get(`gradients${layer}`)];
      paint(node.querySelector(".heat-weights"), weights);
      paint(node.querySelector(".heat-gradients"), gradients);
      node.querySelector(".norm-values").textContent = t("details.layer_norms", {
        weights: short(norms.data[layer * 2]), gradients: short(norms.data[layer * 2 + 1]),
      });
    }
  }

  grid(layer) {
    const heat = (kind) => el("figure", { class: "figure" }, el("figcaption", { text: t(`details.heat_${kind}`) }),
      el("canvas", { class: `heat heat-${kind}`, role: "img", "aria-label": t(`details.heat_${kind}`) }));
    return el("div", { class: "grid" }, el("h3", { text: t("network.layer", { number: layer + 1 }) }),
      el("p", { class: "norm-values" }), heat("weights"), heat("gradients"));
  }

  files() {
    const link = (kind, text, number = 0) => el("a", {
      class: "download", href: `/download?session=${this.app.connection.session}&kind=${kind}&network=${number}`, download: "", text,
    });
    const rows = this.app.description.networks.map((_, number) => {
      const name = this.app.networkName(number);
      return el("p", { class: "row" }, name ? el("strong", { text: name }) : null, ...FILES.map((kind) => link(kind, t(`details.file.${kind}`), number)));
    });
    const more = el("p", { class: "row" }, link("program", t("details.file.program")), link("npz", t("details.file.npz")));
    const share = button(t("details.share"), async () => {
      await navigator.clipboard.writeText(location.href).catch(() => {});
      this.app.announce(t("details.copied"));
    }, { class: "share" });
    return [el("p", { class: "muted", text: t("details.files_hint") }), ...rows, more, el("p", { class: "muted", text: t("details.share_hint") }), share];
  }
}

/** Draws a matrix as coloured cells, one for each number; the largest number has the full colour. */
function paint(canvas, matrix) {
  if (!canvas || !matrix) return;
  const [rows, columns] = matrix.shape;
  let largest = 1e-12;
  for (const value of matrix.data) largest = Math.max(largest, Math.abs(value));
  const bytes = Uint8Array.from(matrix.data, (value) => 128 + Math.round((127 * value) / largest));
  canvas.width = columns;
  canvas.height = rows;
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  canvas.getContext("2d").putImageData(picture(bytes, columns, rows, diverging(style("--plane")), false), 0, 0);
  canvas.setAttribute("aria-label", t("details.heat_label", { rows: rows - 1, columns, largest: short(largest) }));
}

