// Colours and shapes of classes and numbers. Classes differ in shape as well as in colour.

export const CLASSES = ["#2f6fde", "#e07b00", "#158a4c", "#8f47b8", "#d03045", "#0b8793", "#80642c", "#c4508f"];
export const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "star", "pentagon", "plus"];
export const RUNS = ["#2f6fde", "#e07b00", "#158a4c", "#8f47b8"];
export const DASHES = [[], [7, 3], [2, 2], [9, 3, 2, 3]];

export function rgb(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const styles = new Map();

/** The value of a custom property of the style sheet, such as "--card"; kept until the colours change. */
export function style(name) {
  if (!styles.has(name)) styles.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return styles.get(name);
}

/** The colours have changed. */
export function forgetStyles() {
  styles.clear();
  tables.clear();
}

const tables = new Map();

/** The colour of a class at a certainty of 0 to 255, over the background: [r, g, b]. Cached for each background. */
export function shades(classes, background) {
  const back = rgb(background);
  const table = new Uint8ClampedArray(classes * 256 * 3);
  for (let kind = 0; kind < classes; kind += 1) {
    const front = rgb(CLASSES[kind]);
    const least = 255 / Math.max(classes, 2);
    for (let certainty = 0; certainty < 256; certainty += 1) {
      const share = 0.1 + 0.5 * Math.max(0, (certainty - least) / (255 - least));
      for (let part = 0; part < 3; part += 1) {
        table[(kind * 256 + certainty) * 3 + part] = back[part] + share * (front[part] - back[part]);
      }
    }
  }
  return table;
}

/** Colours for numbers from −1 (0) to 1 (255): orange for negative, the background for zero, blue for positive. */
export function diverging(background) {
  if (tables.has(background)) return tables.get(background);
  const back = rgb(background);
  const table = new Uint8ClampedArray(256 * 3);
  for (let value = 0; value < 256; value += 1) {
    const share = Math.min(Math.abs(value - 128) / 127, 1) * 0.92;
    const front = rgb(value < 128 ? CLASSES[1] : CLASSES[0]);
    for (let part = 0; part < 3; part += 1) table[value * 3 + part] = back[part] + share * (front[part] - back[part]);
  }
  tables.set(background, table);
  return table;
}

/** Draws the mark of a class; hollow marks are points for validation. */
export function mark(context, kind, x, y, size, hollow, ring) {
  context.beginPath();
  path(context, SHAPES[kind % 8], x, y, size);
  context.lineWidth = hollow ? 1.6 : 1;
  context.strokeStyle = hollow ? CLASSES[kind % 8] : ring;
  context.fillStyle = hollow ? ring : CLASSES[kind % 8];
  context.fill();
  context.stroke();
}

function path(context, shape, x, y, r) {
  if (shape === "circle") context.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
  else if (shape === "triangle") polygon(context, x, y + 0.15 * r, 1.25 * r, 3);
  else if (shape === "diamond") polygon(context, x, y, 1.25 * r, 4);
  else if (shape === "pentagon") polygon(context, x, y, 1.15 * r, 5);
  else if (shape === "star") polygon(context, x, y, 1.4 * r, 10, 0.45);
  else plus(context, x, y, 1.2 * r, shape === "cross" ? Math.PI / 4 : 0);
}

function polygon(context, x, y, r, corners, inner = 1) {
  for (let corner = 0; corner < corners; corner += 1) {
    const angle = -Math.PI / 2 + (2 * Math.PI * corner) / corners;
    const radius = corner % 2 && inner < 1 ? r * inner : r;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
}

function plus(context, x, y, r, turn) {
  const w = 0.38 * r;
  const corners = [
    [-w, -r], [w, -r], [w, -w], [r, -w], [r, w], [w, w], [w, r], [-w, r], [-w, w], [-r, w], [-r, -w], [-w, -w],
  ];
  for (const [a, b] of corners) {
    context.lineTo(x + a * Math.cos(turn) - b * Math.sin(turn), y + a * Math.sin(turn) + b * Math.cos(turn));
  }
  context.closePath();
}

/** A number with few digits. */
export function short(value, digits = 3) {
  if (!Number.isFinite(value)) return "—";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(1).replace(".0e", "e") : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

/** Turns bytes into a picture of its own size, by a table of three colours for each. */
export function picture(data, width, height, table, flip = true) {
  const image = new ImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    const from = (flip ? height - 1 - row : row) * width;
    for (let column = 0; column < width; column += 1) {
      const value = data[from + column] * 3;
      const place = (row * width + column) * 4;
      image.data[place] = table[value];
      image.data[place + 1] = table[value + 1];
      image.data[place + 2] = table[value + 2];
      image.data[place + 3] = 255;
    }
  }
  return image;
}
