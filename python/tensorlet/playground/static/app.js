// The page: it starts here.

import { forgetStyles } from "./colors.js";
import { button, el, toggles } from "./dom.js";
import { firstLanguage, has, keepLanguage, language, loadMessages, setLanguage, t } from "./i18n.js";
import { Connection } from "./socket.js";
import { DEFAULTS, PAGES, copy, fromHash, toHash } from "./state.js";
import { Histories } from "./curves.js";
import { NetworkPage } from "./network-page.js";
import { StepPage } from "./step-page.js";
import { DigitsPage } from "./digits-page.js";
import { PerceptronPage } from "./perceptron-page.js";

const MAKERS = { network: NetworkPage, step: StepPage, digits: DigitsPage, perceptron: PerceptronPage };

class App {
  constructor() {
    const { page, settings, look } = fromHash(location.hash);
    this.page = page;
    this.settings = settings;
    this.look = look;
    this.playing = false;
    this.fileName = "";
    this.wantsGradients = false;
    this.histories = new Histories();
    this.frames = 0;
  }

  async start() {
    await loadMessages();
    setLanguage(firstLanguage());
    this.setTheme(localStorage.getItem("playground-theme") ?? "auto");
    this.connect();
    this.build();
    window.addEventListener("hashchange", () => this.readHash());
    document.addEventListener("visibilitychange", () => !document.hidden && this.pullNow());
    document.addEventListener("keydown", (event) => this.shortcut(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    try {
      await this.connection.opened;
      await this.configure();
    } catch (error) {
      if (error?.code) this.complain(error);
    }
  }

  connect() {
    this.connection = new Connection({
      onframe: (frame) => this.take(frame),
      onguess: (message) => this.view.guessed?.(message),
      onclose: (event, opened) => this.closed(event, opened),
    });
  }

  closed(event, opened) {
    this.playing = false;
    const key = event.code === 1013 ? "closed.many" : opened ? "closed.stopped" : "closed.token";
    this.alert.textContent = t(key);
    this.alert.hidden = false;
    this.view.controls?.update();
  }

  /** Builds the page in the current language. */
  build() {
    document.title = t("title");
    const pages = el("nav", { class: "pages", "aria-label": t("pages") }, ...PAGES.map((name) =>
      button(t(`page.${name}`), () => this.go(name), { "data-page": name, "aria-current": name === this.page ? "page" : null })));
    const languages = toggles(t("language"), [["en", "English"], ["ko", "한국어"]], language(), (name) => {
      keepLanguage(name);
      setLanguage(name);
      this.build();
    }, { class: "languages" });
    for (const [name, one] of languages.buttons) one.lang = name;
    const theme = toggles(t("theme"), ["auto", "light", "dark"].map((name) => [name, t(`theme.${name}`)]), this.theme, (name) => {
      localStorage.setItem("playground-theme", name);
      this.setTheme(name);
      this.repaint();
    }, { class: "themes" });
    const skip = button(t("skip"), () => document.getElementById("main").focus(), { class: "skip" });
    this.alert = el("p", { class: "alert", role: "alert", hidden: this.alert?.hidden ?? true, text: this.alert?.textContent ?? "" });
    this.status = el("p", { class: "hidden", role: "status", "aria-live": "polite" });
    const header = el("header", { class: "top" }, el("h1", {}, el("img", { src: "/static/icon.svg", alt: "" }), el("span", { text: t("title") })), pages, languages.node, theme.node);
    this.main = el("main", { id: "main", tabindex: "-1" });
    document.getElementById("app").replaceChildren(skip, header, this.alert, this.status, this.main);
    this.showPage();
  }

  showPage() {
    this.view?.leave?.();
    this.wantsGradients = false;
    this.view = new MAKERS[this.page](this);
    this.main.replaceChildren(this.view.node);
    for (const one of document.querySelectorAll(".pages button")) {
      if (one.dataset.page === this.page) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    }
    if (this.description) this.view.update?.(this.description);
    if (this.frame) this.view.showFrame?.();
    this.view.enter?.();
  }

  go(page) {
    if (page === this.page) return;
    this.page = page;
    this.writeHash();
    this.showPage();
  }

  writeHash() {
    this.written = toHash(this.page, this.settings, this.look);
    history.replaceState(null, "", `#${this.written}`);
  }

  readHash() {
    if (location.hash.replace(/^#/, "") === this.written) return;
    this.written = null;
    const { page, settings, look } = fromHash(location.hash);
    Object.assign(this, { page, settings, look });
    this.showPage();
    this.configure();
  }

  /** The two inputs that are drawn. */
  get axes() {
    const columns = this.description?.columns.length ?? 2;
    return [this.look["axis-x"], this.look["axis-y"]].map((axis, place) => (axis < columns ? axis : Math.min(place, columns - 1)));
  }

  /** The one of the networks side by side whose units, weights and program are shown. */
  get chosen() {
    return Math.min(Math.max(Math.round(this.look.network), 0), (this.description?.networks.length ?? 1) - 1);
  }

  /** Changes what is shown, without changing what is computed. */
  show(changes) {
    Object.assign(this.look, changes);
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.writeHash(), 150);
  }

  /** Changes the settings; the server is told when the student pauses for a moment. */
  change(edit) {
    edit(this.settings);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.configure(), 90);
  }

  async configure() {
    const sent = copy(this.settings);
    this.configuring = JSON.stringify(sent);
    try {
      const description = await this.connection.ask("configure", { settings: sent });
      if (this.configuring !== JSON.stringify(sent)) return undefined;
      if (this.look.speed && !this.description) this.command("speed", { speed: this.look.speed });
      this.description = description;
      if (JSON.stringify(this.settings) === this.configuring) this.settings = copy(description.settings);
      this.alert.hidden = true;
      this.playing = false;
      this.histories.clear();
      this.frame = null;
      this.writeHash();
      this.view.update?.(description);
      this.pullNow();
    } catch (error) {
      if (!this.description) return this.startOver(error);
      this.complain(error);
      this.settings = copy({ ...this.description.settings, data: { ...this.description.settings.data, points: this.settings.data.points } });
    }
    return undefined;
  }

  /** Opens the page with its defaults, after an address that cannot be used. */
  async startOver(error) {
    this.settings = copy(DEFAULTS);
    if (error?.code) await this.configure();
    this.complain(error);
  }

  redescribe() {
    this.view.update?.(this.description);
    this.pullNow();
  }

  async command(name, given = {}) {
    try {
      const reply = await this.connection.ask(name, given);
      if ("playing" in reply) this.playing = reply.playing;
      this.view.controls?.update();
      if (!this.playing) this.announceResult();
      return reply;
    } catch (error) {
      this.complain(error);
      return null;
    }
  }

  /** Shows an error of the server in the language of the page. */
  complain(error) {
    const key = `error.${error.code}`;
    const text = has(key) ? t(key, { ...error.values, text: error.text ?? "" }) : error.text ?? String(error);
    if (this.alert.hidden || this.alert.textContent !== text) this.alert.textContent = text; // said once
    this.alert.hidden = false;
  }

  announce(text) {
    this.status.textContent = text;
  }

  announceResult() {
    clearTimeout(this.speaking);
    this.spoken = performance.now();
    this.speaking = setTimeout(() => {
      const last = this.histories.last(0);
      if (last) this.announce(t("announce", { epoch: last[0], loss: last[1].toFixed(4), accuracy: (last[4] * 100).toFixed(1) }));
    }, 400);
  }

  networkName(number) {
    const { compare, values } = this.settings;
    return compare ? `${t(`compare.${compare}`)}: ${values[number]}` : "";
  }

  /** Asks for the frame after the next change. At most one frame is on its way. */
  pull(now = false) {
    this.pulling = true;
    this.pulled = performance.now();
    this.pulls = (this.pulls ?? 0) + 1;
    // While it trains, the regions of units and the gradients follow in every third frame.
    const units = this.page === "network" && (!this.playing || this.pulls % 3 === 0);
    this.connection.pull({
      now,
      network: this.chosen,
      seen: this.histories.seen(),
      view: {
        size: Math.round((this.playing ? 90 : 150) / (this.description.networks.length > 1 ? 1.5 : 1)), axes: this.axes, units, weights: true, gradients: units && this.wantsGradients,
      },
    });
  }

  pullNow() {
    if (this.connection.session && this.description) this.pull(true);
  }

  /** Takes over a frame, asks for the next one, and draws: the server works on the next frame meanwhile. */
  take(frame) {
    const { number, runs, playing, failure, digits } = frame.header;
    // A frame of the settings before: it was on its way when they changed.
    if (number !== this.description?.number) {
      if (this.description) this.pull(true);
      return;
    }
    this.pulling = false;
    this.frame = frame;
    this.digits = digits;
    const stopped = this.playing && !playing;
    this.playing = playing;
    runs.forEach((run, place) => this.histories.take(place, run, frame.arrays.get(`${place}.records`)));
    const broken = runs.find((run) => run.problem);
    if (failure) this.complain({ code: "training", text: failure });
    // The diagnosis of the library is in English; the page says in its own language what happened.
    else if (broken) this.complain({ code: "not_finite", values: broken, text: language() === "en" ? broken.problem : "" });
    if (stopped) this.announceResult();
    if (this.drawing) return; // the browser is slower than the server: wait for it
    this.drawing = true;
    this.pullSoon();
    if (playing && !(performance.now() - this.spoken < 15000)) this.announceResult();
    requestAnimationFrame(() => this.draw(runs[0].epoch));
  }

  draw(epoch) {
    this.drawing = false;
    this.frames += 1;
    globalThis.tensorletPlayground = { frames: this.frames, epoch, playing: this.playing };
    if (this.frame) this.view.showFrame?.();
    // The last frame of a training may have been asked for without the units.
    const whole = this.page !== "network" || this.frame?.arrays.has(`${this.chosen}.units0`);
    if (!this.playing && !whole) this.pull(true);
    else if (!this.pulling) this.pullSoon();
  }

  /** Asks for the next frame, at most forty times a second, so that drawing leaves time for the training. */
  pullSoon() {
    if (document.hidden) return;
    this.pulling = true;
    const wait = Math.max(0, (this.pulled ?? 0) + 25 - performance.now());
    setTimeout(() => this.pull(), wait);
  }

  setTheme(name) {
    this.theme = name;
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
  }

  repaint() {
    forgetStyles();
    if (this.description) this.view.update?.(this.description);
    this.view.showFrame?.();
  }

  /** Space plays and pauses, unless a control has the keyboard. */
  shortcut(event) {
    const busy = event.target.closest?.("button, input, select, textarea, a, canvas, pre, [tabindex='0']");
    if (event.key === " " && !busy && this.page === "network") {
      event.preventDefault();
      this.command(this.playing ? "pause" : "play");
    }
  }
}

new App().start();
