// Matrices and pictures as canvases, painted once for a film and theme and kept while they are used.

import { signedTone, tone } from "../shared/tone.js";
import {
  decoded,
  headOut,
  headRows,
  largest,
  normalisedPatch,
  projection,
  scoresOf,
  termsOf,
  weightsOf,
} from "./numbers_of.js";
import { attentionFull, fullAt, percentile } from "./scales.js";

const KEPT = 60;
const WIDEST = 1024;
// standard deviations over the screen's 0 … 255: about −2.6 … 2.6
const PER_DEVIATION = 49;
const TINTED = { q: "query", k: "key", v: "value", head_out: "value", concat: "value" };
const BASE = new Set([
  "image",
  "photo",
  "normalised",
  "strips",
  "tokens",
  "pos",
  "resid_in",
  "read_row",
  "features",
  "top_weight",
  "norms",
]);

export class Bitmaps {
  #kept = new Map();

  constructor(photo, thumbs) {
    this.photo = photo;
    this.thumbs = thumbs;
  }

  /** A canvas (or image) by name, or null where its array has not arrived. */
  get(name, film, theme) {
    if (name === "photo") return this.photo;
    if (name.startsWith("thumb/")) return this.thumbs[Number(name.slice(6))];
    const key = BASE.has(name) ? name : `${name} ${film.layer} ${film.head}`;
    if (this.theme !== theme) this.#kept.clear();
    this.theme = theme;
    const kept = this.#kept.get(key) ?? paint(name, film, theme);
    this.#kept.delete(key);
    if (kept) this.#kept.set(key, kept);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    return kept;
  }
}

/** Several small pictures out of (n, h, w, 3) bytes. */
export function pictures({ values, shape: [count, height, width] }) {
  const size = height * width;
  return Array.from({ length: count }, (_, i) =>
    picture(width, height, (p, c) => values[(i * size + p) * 3 + c]),
  );
}

function paint(name, film, theme) {
  const [kind, ...numbers] = name.split("/");
  if (kind === "ramp") return ramp(numbers[0], theme);
  if (kind in PAINTERS) return PAINTERS[kind](film, theme, ...numbers.map(Number));
  if (!film.has(kind)) return null;
  return kind in TINTED ? tinted(kind, film, theme) : signed(kind, film, theme);
}

const PAINTERS = {
  image: (film) =>
    picture(film.imageWidth, film.imageHeight, (p, c) => film.array("image").values[p * 3 + c]),
  normalised: (film) => {
    const { values } = film.array("image");
    return picture(film.imageWidth, film.imageHeight, (p, c) => shade(normal(film, values[p * 3 + c], c)));
  },
  strips,
  patchNormed: (film, theme, patch) => {
    const { patchWidth: w, patchHeight: h } = film.tokens;
    const values = normalisedPatch(film, patch);
    return picture(w, h, (p, c) => shade(values[c * w * h + p]));
  },
  filter: (film) => planes(film, film.array("filter").values),
  products: (film, theme, patch) => {
    const { patchWidth: w, patchHeight: h } = film.tokens;
    const { products } = projection(film, patch);
    const sums = Float32Array.from(
      { length: w * h },
      (_, p) => products[p] + products[w * h + p] + products[2 * w * h + p],
    );
    const top = largest(sums);
    return cells(w, h, (p) => theme.ramps.signed[signedTone(sums[p], top)]);
  },
  scores: (film, theme) => {
    const full = fullAt(film, "scores");
    const wordOf = (score) => theme.ramps.signed[signedTone(score, full)];
    return square(film, (query) => scoresOf(film, query), wordOf);
  },
  attn: (film, theme) => {
    const full = fullAt(film, "attn");
    const wordOf = (weight) => theme.ramps.attention[tone(weight, full, "linear")];
    return square(film, (query) => weightsOf(film, query), wordOf);
  },
  head: (film, theme, head) => {
    const { T } = film;
    const rows = headRows(film, head);
    const top = attentionFull(Array.from({ length: T }, (_, query) => [rows.largest(query)]));
    return cells(T, T, (p) => theme.ramps.attention[tone(rows.at(Math.floor(p / T), p % T), top, "linear")]);
  },
  weighted: (film, theme, token) => {
    const v = film.array("v").values;
    const weights = weightsOf(film, token);
    const top = largest(weights);
    const valueAt = (p) => (v[p] * weights[Math.floor(p / film.K)]) / top;
    return tintedCells(film.K, film.T, valueAt, fullAt(film, "v"), "value", theme);
  },
  // one query times every key, number by number
  terms: (film, theme, token) => {
    const values = termsOf(film, token);
    return tintedCells(film.K, film.T, (p) => values[p], percentile(values, 0.98), "product", theme);
  },
  head_out: (film, theme) =>
    tintedCells(film.K, film.T, (p) => headOut(film)[p], fullAt(film, "head_out"), "value", theme),
  layermap: (film, theme, layer) => {
    const row = film.array("cls_attn").values.subarray(layer * film.T + film.R, (layer + 1) * film.T);
    const top = largest(row);
    return cells(film.cols, film.rows, (p) => theme.ramps.attention[tone(row[p], top, "linear")]);
  },
  norms: (film, theme) => {
    const { values } = film.array("resid_norm");
    const top = fullAt(film, "norms");
    const width = film.L + 1;
    const grey = greyTable(theme);
    return cells(
      width,
      film.T,
      (p) => grey[tone(values[(p % width) * film.T + Math.floor(p / width)], top, "linear")],
    );
  },
  // one channel of a patch, its pixel rows one under the other
  channel: (film, theme, channel, patch) => {
    const { patchWidth: w, patchHeight: h } = film.tokens;
    const values = normalisedPatch(film, patch);
    return picture(w, h, (p, c) => channelColor(shade(values[channel * w * h + p]), channel, c));
  },
};

const normal = ({ meta }, value, c) => (value / 255 - meta.mean[c]) / meta.std[c];

const shade = (deviations) => 127.5 + deviations * PER_DEVIATION;

/** N × 3·P·P: every patch as one row of normalised pixels, its red plane first. */
function strips(film) {
  const { patchHeight: ph, patchWidth: pw } = film.tokens;
  const { values } = film.array("image");
  const size = ph * pw;
  return picture(3 * size, film.N, (p, c) => {
    const [patch, i] = [Math.floor(p / (3 * size)), p % (3 * size)];
    const channel = Math.floor(i / size);
    const y = Math.floor(patch / film.cols) * ph + Math.floor((i % size) / pw);
    const x = (patch % film.cols) * pw + (i % pw);
    const value = values[(y * film.imageWidth + x) * 3 + channel];
    return channelColor(shade(normal(film, value, channel)), channel, c);
  });
}

const channelColor = (value, channel, c) => (channel === c ? 26 + value * 0.9 : value * 0.52);

/** T × T cells out of one row per query. */
function square({ T }, rowOf, wordOf) {
  const rows = Array.from({ length: T }, (_, query) => rowOf(query));
  return cells(T, T, (p) => wordOf(rows[Math.floor(p / T)][p % T]));
}

/** All colours of a matrix side by side, for the key beside it. */
function ramp(name, theme) {
  const tables = {
    signed: () => theme.ramps.signed,
    attention: () => theme.ramps.attention,
    grey: () => greyTable(theme),
  };
  const table = tables[name] ? tables[name]() : theme.ramps[name];
  return cells(table.length, 1, (p) => table[p]);
}

function planes(film, values) {
  const { patchWidth: w, patchHeight: h } = film.tokens;
  const top = largest(values);
  return picture(w, h, (p, c) => 127.5 + (values[c * w * h + p] / top) * 127);
}

function signed(name, film, theme) {
  const array = film.array(name);
  const values = decoded(array, film, name);
  const top = fullAt(film, name);
  const width = array.shape.at(-1);
  // no screen shows more columns than these: wider matrices are painted with every n-th
  const step = Math.ceil(width / WIDEST);
  const shown = Math.floor(width / step);
  return cells(shown, values.length / width, (p) => {
    const [row, col] = [Math.floor(p / shown), (p % shown) * step];
    return theme.ramps.signed[signedTone(values[row * width + col], top)];
  });
}

function tinted(name, film, theme) {
  const { shape } = film.array(name);
  const values = decoded(film.array(name), film, name);
  return tintedCells(shape[1], shape[0], (p) => values[p], fullAt(film, name), TINTED[name], theme);
}

/** In a concept's colour: its own for what is above zero, grey for what is below. */
function tintedCells(width, height, valueAt, top, concept, theme) {
  const table = theme.ramps[concept];
  return cells(width, height, (p) => table[signedTone(valueAt(p), top)]);
}

/** The stream's own grey, from the page's ground to its text. */
function greyTable(theme) {
  const ground = theme.backgroundColor.map((value) => value + (128 - value) * 0.12);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const [r, g, b] = ground.map((value, c) => Math.round(value + ((theme.textColor[c] - value) * i) / 255));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

function canvas(width, height) {
  const element = document.createElement("canvas");
  Object.assign(element, { width, height });
  return element;
}

function cells(width, height, wordAt) {
  const element = canvas(width, height);
  const data = new ImageData(width, height);
  const words = new Uint32Array(data.data.buffer);
  for (let p = 0; p < words.length; p += 1) words[p] = wordAt(p);
  element.getContext("2d").putImageData(data, 0, 0);
  return element;
}

function picture(width, height, valueAt) {
  const element = canvas(width, height);
  const data = new ImageData(width, height);
  for (let p = 0; p < width * height; p += 1) {
    for (let c = 0; c < 3; c += 1) data.data[p * 4 + c] = valueAt(p, c);
    data.data[p * 4 + 3] = 255;
  }
  element.getContext("2d").putImageData(data, 0, 0);
  return element;
}
