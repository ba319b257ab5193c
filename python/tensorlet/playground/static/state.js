// The settings of the page, and their form in its address, so that a link opens the same page elsewhere.

export const DEFAULTS = {
  data: {
    kind: "circles", rows: 300, classes: 2, noise: 0.2, balance: 0, seed: 1, train: 0.7, scale: "none",
    points: [], formulas: ["x*x + y*y < 0.4"], columns: [], label: "",
  },
  network: {
    layers: [{ units: 8, activation: "tanh", dropout: 0 }, { units: 4, activation: "tanh", dropout: 0 }],
    batchnorm: false, l1: 0, l2: 0, initializer: "glorot_uniform", loss: "crossentropy", optimizer: "adam",
    rate: 0.01, batch: 16, seed: 1,
  },
  compare: "",
  values: [],
};

/** What is shown of it, under its names in the address. */
export const LOOK = {
  tab: "formula", lines: false, speed: 0, network: 0, "axis-x": 0, "axis-y": 1, row: 0,
  model: "regression", images: 10000, "model-rate": 0.001, "model-seed": 1,
  gate: "and", angle: 20, offset: 0, swapped: false, "rule-rate": 0.5,
};

export const PAGES = ["network", "step", "digits", "perceptron"];

// Setting -> name in the address. A setting that has its default is left out.
const DATA = {
  kind: "data", rows: "rows", classes: "classes", noise: "noise", balance: "balance", seed: "points-seed",
  train: "train", scale: "scale", label: "label",
};
const NETWORK = {
  batchnorm: "batchnorm", l1: "l1", l2: "l2", initializer: "init", loss: "loss", optimizer: "optimizer",
  rate: "rate", batch: "batch", seed: "seed",
};

export function copy(value) {
  return JSON.parse(JSON.stringify(value));
}

/** The address of a page: everything that differs from the defaults, as #name=value&... */
export function toHash(page, settings, look) {
  const found = new URLSearchParams();
  if (page !== "network") found.set("page", page);
  const { data, network } = settings;
  for (const [key, name] of Object.entries(DATA)) {
    if (data[key] !== DEFAULTS.data[key]) found.set(name, data[key]);
  }
  if (data.kind === "drawn") found.set("points", data.points.map((p) => p.map(rounded).join(" ")).join("_"));
  if (data.kind === "formulas") for (const formula of data.formulas) found.append("formula", formula);
  if (data.kind === "table") for (const column of data.columns) found.append("column", column);
  const layers = network.layers.map((one) => [one.units, one.activation, one.dropout || ""].join(" ").trim()).join("_");
  const usual = DEFAULTS.network.layers.map((one) => `${one.units} ${one.activation}`).join("_");
  if (layers !== usual) found.set("layers", layers);
  for (const [key, name] of Object.entries(NETWORK)) {
    if (network[key] !== DEFAULTS.network[key]) found.set(name, network[key]);
  }
  if (settings.compare) {
    found.set("compare", settings.compare);
    found.set("values", settings.values.join(" "));
  }
  for (const [key, value] of Object.entries(LOOK)) if (look[key] !== value) found.set(key, look[key]);
  return found.toString();
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}

/** The page, the settings and the look of an address. What cannot be read has its default; the server checks the rest. */
export function fromHash(hash) {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = copy(DEFAULTS);
  const { data, network } = settings;
  read(found, DATA, data);
  read(found, NETWORK, network);
  if (found.has("points")) {
    data.points = found.get("points").split("_").filter(Boolean).slice(0, 500)
      .map((text) => text.split(" ").map(Number)).filter((p) => p.length === 3 && p.every(Number.isFinite));
  }
  if (found.has("formula")) data.formulas = found.getAll("formula").slice(0, 7);
  if (found.has("column")) data.columns = found.getAll("column").slice(0, 64);
  if (found.has("layers")) {
    network.layers = found.get("layers").split("_").filter(Boolean).slice(0, 8).map((text) => {
      const [units, activation, dropout] = text.split(" ");
      return { units: Number(units) || 1, activation: activation || "tanh", dropout: Number(dropout) || 0 };
    });
  }
  if (found.has("compare")) {
    settings.compare = found.get("compare");
    settings.values = (found.get("values") ?? "").split(" ").filter(Boolean).slice(0, 4).map(typed);
  }
  const page = PAGES.includes(found.get("page")) ? found.get("page") : "network";
  const look = copy(LOOK);
  read(found, Object.fromEntries(Object.keys(LOOK).map((key) => [key, key])), look);
  return { page, settings, look };
}

function read(found, names, into) {
  for (const [key, name] of Object.entries(names)) {
    if (!found.has(name)) continue;
    const text = found.get(name);
    if (typeof into[key] === "number") into[key] = Number.isFinite(Number(text)) ? Number(text) : into[key];
    else if (typeof into[key] === "boolean") into[key] = text === "true";
    else into[key] = text;
  }
}

/** A value of networks side by side: a number, true or false, or a name. */
export function typed(text) {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
