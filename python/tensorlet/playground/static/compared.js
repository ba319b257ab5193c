// The loss and the accuracy of networks side by side, as a table.

import { RUNS } from "./colors.js";
import { FIGURES, figure } from "./controls.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

export class Compared {
  constructor(app) {
    this.app = app;
    this.node = el("table", { class: "compared", hidden: true });
    this.cells = [];
  }

  /** Takes over the networks; with one there is no table. */
  describe(description) {
    const { compare, values } = description.settings;
    this.node.hidden = !compare;
    this.cells = compare ? values.map(() => FIGURES.map(() => el("td", { text: "—" }))) : [];
    const head = el("tr", {}, el("th", { scope: "col", text: compare ? t(`compare.${compare}`) : "" }),
      ...FIGURES.map((name) => el("th", { scope: "col", text: t(`controls.${name}`) })));
    const rows = this.cells.map((cells, number) => {
      const name = el("th", { scope: "row", text: String(values[number]) });
      name.style.borderLeftColor = RUNS[number];
      return el("tr", {}, name, ...cells);
    });
    this.node.replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows));
  }

  /** Shows the last numbers of each network. */
  show() {
    this.cells.forEach((cells, number) => {
      const last = this.app.histories.last(number);
      cells.forEach((cell, place) => {
        const text = figure(last, FIGURES[place]);
        if (cell.textContent !== text) cell.textContent = text;
      });
    });
  }
}
