// The photo in patches. Everything drawn is read from the pixels the model was given; Python hears of clicks only.

import { onRange, Segments } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { isChord } from "../shared/keys.js";
import { equalSign, fixed } from "../shared/numbers.js";
import { answerOf, sentenceOf } from "../shared/route_source.js";
import { SelectionReport } from "../shared/selection.js";
import { unpack } from "../shared/unpack.js";
import { attentionCost, carriedOver, cutInto, elementAt, patchNumbers, placeOf, walk, withAlpha } from "./patch_cut.js";
import { drawPhoto, drawPlane, drawStrip, PLANES } from "./patch_drawing.js";
import { Sentence } from "./patch_sentence.js";
import { byHand } from "../shared/hand_words.js";
import { partAt, within } from "../shared/within.js";

const SIZES = [8, 14, 16, 32];

class PatchExplorer {
  #data = null; // the facts from Python, and the pixels
  #wanted = null;
  #cut = null; // as the reader cuts; #own is as the model does
  #own = null;
  #patch = 0;
  #hovered = null;
  #element = 0;

  constructor(root, { tell }) {
    this.report = new SelectionReport(({ patch }) => tell("patch", patch), 0, ["patch"]);
    this.problem = make("p", { role: "status" });
    this.sentence = new Sentence((patch) => this.#pick(patch));
    this.content = make("div", { className: "content", hidden: true }, this.#photoPart(), this.#patchPart(), this.sentence.element);
    root.append(this.problem, this.content);
  }

  #photoPart() {
    this.photo = make("canvas", { className: "photo", tabIndex: 0, role: "application" });
    this.gap = make("input", { type: "range", min: 0, max: 100, value: 15 });
    this.sizes = make("div", { className: "sizes" });
    this.cost = make("p", { className: "cost", role: "status" });
    this.note = make("p", { className: "muted note" });
    this.#listenToPhoto();
    const pull = make("label", { className: "muted" }, "Pull apart", this.gap);
    const below = make("div", { className: "line" }, make("span", { className: "muted" }, byHand("Move to look, click to pick, arrows to walk")), pull);
    return make("div", {}, this.photo, below, this.sizes, this.cost, this.note);
  }

  #listenToPhoto() {
    const at = (event) => {
      const box = this.photo.getBoundingClientRect();
      const scale = this.#data.width / box.width;
      const row = within(Math.floor(((event.clientY - box.top) * scale) / this.#cut.high), this.#cut.rows);
      return row * this.#cut.cols + within(Math.floor(((event.clientX - box.left) * scale) / this.#cut.wide), this.#cut.cols);
    };
    this.photo.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.#hover(at(event)));
    this.photo.addEventListener("pointerleave", () => this.#hover(null));
    this.photo.addEventListener("click", (event) => this.#pick(at(event)));
    this.photo.addEventListener("keydown", (event) => {
      const next = isChord(event) ? null : walk(this.#cut, this.#patch, event.key);
      if (next === null) return;
      event.preventDefault();
      this.#pick(next);
    });
    onRange(this.gap, () => this.#paint());
  }

  #patchPart() {
    this.heading = make("div", { className: "heading", "aria-live": "polite" });
    const pictures = make("div", { className: "planes" });
    this.pictures = ["RGB", ...PLANES.map((plane) => plane.name)].map((name) => planePicture(pictures, name));
    this.strip = make("canvas", { className: "strip", role: "img" });
    this.values = { where: make("div"), place: make("div", { className: "number muted" }), arithmetic: make("div", { className: "number" }) };
    this.pictures.forEach((canvas, i) =>
      canvas.addEventListener("pointermove", (event) => {
        const { high, wide } = this.#cut;
        const [x, y] = cell(canvas, event, wide, high);
        this.#point(Math.max(0, i - 1) * high * wide + y * wide + x);
      }),
    );
    this.strip.addEventListener("pointermove", (event) => {
      this.#point(cell(this.strip, event, this.#cut.high * this.#cut.wide * 3, 1)[0]);
    });
    const values = make("div", { className: "values" }, ...Object.values(this.values));
    this.costs = make("table", { className: "costs" });
    return make("div", {}, this.heading, pictures, this.strip, values, this.costs);
  }

  close() {
    this.report.cancel();
  }

  async update(facts) {
    this.#wanted = facts;
    const told = this.report.isNews(facts);
    const isNew = ["source", "rows", "cols"].some((key) => this.#data?.[key] !== facts[key]);
    const pixels = isNew ? await readPixels(facts.source) : this.#data;
    if (this.#wanted !== facts) return; // another picture was chosen meanwhile
    this.#data = { ...pixels, ...facts };
    this.content.hidden = Boolean(pixels.error);
    this.problem.textContent = pixels.error ?? "";
    if (pixels.error) return;
    if (isNew) this.#offerSizes();
    if (told || isNew) this.#patch = carriedOver(facts.patch, this.#own, this.#cut);
    this.sentence.setWords(facts.sentence, facts.prefix_names);
    this.#paint();
  }

  /** Sizes to cut by, the model's own among them and chosen. */
  #offerSizes() {
    const { height, width, rows, cols } = this.#data;
    this.#own = cutInto(this.#data, [height / rows, width / cols]);
    const { high, wide } = this.#own;
    const own = high === wide ? String(high) : `${high} × ${wide}`;
    const fitting = SIZES.filter((size) => size <= Math.min(height, width));
    const options = [...new Set([...fitting.map(String), own])].sort((a, b) => parseInt(a) - parseInt(b));
    this.ways = options.map((size) => ({ size, cut: size === own ? this.#own : cutInto(this.#data, [Number(size), Number(size)]) }));
    const texts = options.map((size) => [`s${size}`, size === own ? `${size} (this model)` : size]);
    const control = new Segments("Patch size", Object.fromEntries(texts), (value) => this.#cutBy(value.slice(1)));
    control.set(`s${own}`);
    this.sizes.replaceChildren(control.element);
    this.ownSize = own;
    this.#use(this.#own);
  }

  #cutBy(size) {
    const cut = size === this.ownSize ? this.#own : cutInto(this.#data, [Number(size), Number(size)]);
    this.#patch = carriedOver(this.#patch, this.#cut, cut);
    this.#use(cut);
    this.#paint();
  }

  /** Other patches: those that were pointed at are gone, and their numbers. */
  #use(cut) {
    this.#cut = cut;
    this.#hovered = null;
    this.#element = 0;
  }

  #pick(patch) {
    this.#patch = patch;
    this.#hovered = null;
    this.#paint();
    if (this.#cut !== this.#own) return;
    this.report.settle({ patch });
  }

  #hover(patch) {
    if (patch === this.#hovered) return;
    this.#hovered = patch;
    this.#paint();
  }

  #point(index) {
    this.#element = index;
    this.#writeValues();
  }

  #current() {
    return this.#hovered ?? this.#patch;
  }

  #paint() {
    const data = this.#data;
    const { rows, cols } = this.#cut;
    this.photo.setAttribute("aria-label", `${data.alt} In ${rows} rows of ${cols} patches. Arrow keys walk.`);
    const colour = getComputedStyle(this.content).color;
    drawPhoto(this.photo, data, this.#cut, { apart: this.gap.value / 100, patch: this.#current(), colour });
    this.#writeCost();
    this.#writePatch();
    this.sentence.write(data, this.#cut, this.#current(), data.prefix_names);
  }

  #writeCost() {
    const names = this.#data.prefix_names;
    const { tokens, pairs, pixels, pixelPairs, times } = attentionCost(this.#data, this.#cut, names.length);
    const { rows, cols, high, wide, unread } = this.#cut;
    const more = names.length > 2 ? `${names.length} more` : names.join(" and ");
    setText(
      this.cost,
      `${rows} × ${cols} = ${count(rows * cols)} patches${more ? `, with ${more} ${count(tokens)} tokens` : ""}: each attention map ` +
        `compares ${count(tokens)}² = ${count(pairs)} pairs. With one token per pixel: ${count(pixels)}² = ${count(pixelPairs)}, ` +
        `${count(Math.round(times))} times as many.`,
    );
    this.#writeCosts(names.length);
    const isOwn = this.#cut === this.#own;
    const left = Math.max(...unread) > 0 ? ` ${unread[0]} rows and ${unread[1]} columns of pixels are left over.` : "";
    setText(
      this.note,
      isOwn
        ? "A patch that is picked here stays picked on the other pages."
        : this.#data.from_pixels
          ? `This model reads patches of ${this.ownSize}: its projection has no weights for ${high} · ${wide} · 3 numbers. ` +
            `Cut here to be counted; a model of this size is trained anew.${left}`
          : `This model's CNN makes one token of each ${this.ownSize} pixels. Cut here to be counted; a model of this size is trained anew.${left}`,
    );
  }

  /** The pairs of one attention map for every size, and for single pixels, on one logarithmic line each. */
  #writeCosts(numPrefix) {
    const key = [this.#data.source, this.#cut.high, this.#cut.wide].join();
    if (this.costKey === key) return;
    this.costKey = key;
    const pixel = { size: "every pixel", cut: cutInto(this.#data, [1, 1]) };
    const pairs = [pixel, ...this.ways].map(({ size, cut }) => ({ size, cut, pairs: attentionCost(this.#data, cut, numPrefix).pairs }));
    const rows = pairs.map((way) => {
      const dot = make("span", { className: "dot" });
      dot.style.left = `${(100 * Math.log10(way.pairs)) / Math.log10(pairs[0].pairs)}%`;
      const row = make(
        "tr", {}, make("th", { scope: "row" }, way.cut === pixel.cut ? way.size : `${way.size} px`),
        make("td", { className: "track", "aria-hidden": "true" }, make("span", {}, dot)), make("td", { className: "number" }, count(way.pairs)),
      );
      row.classList.toggle("current", way.cut.high === this.#cut.high && way.cut.wide === this.#cut.wide);
      return row;
    });
    this.costs.replaceChildren(make("caption", {}, "Pairs in one attention map, by patch size (log scale, from 1)"), ...rows);
  }

  #writePatch() {
    const patch = this.#current();
    const { high, wide } = this.#cut;
    const numbers = patchNumbers(this.#data, this.#cut, patch);
    const [row, col] = placeOf(this.#cut, patch);
    const token = this.#cut === this.#own ? `token ${this.#data.prefix_names.length + patch} · ` : "";
    setText(this.heading, `Patch (${row + 1}, ${col + 1}): row ${row + 1}, column ${col + 1} · ${token}${high} × ${wide} × 3 = ${count(numbers.length)} numbers`);
    this.numbers = numbers;
    this.pictures.forEach((canvas, i) => drawPlane(canvas, numbers, this.#cut, i === 0 ? null : i - 1));
    drawStrip(this.strip, numbers);
    this.strip.setAttribute("aria-label", `The patch flattened to ${count(numbers.length)} numbers: all R, then G, then B`);
    this.#writeValues();
  }

  #writeValues() {
    const { numbers } = this;
    const { mean, std } = this.#data;
    const { high, wide } = this.#cut;
    const index = this.#element;
    const { channel, y, x } = elementAt(this.#cut, index);
    const scaled = numbers[index] / 255;
    const [middle, spread] = [mean, std].map((values) => Number(values[channel].toFixed(4)));
    const shown = scaled.toFixed(4);
    const normalised = fixed((scaled - mean[channel]) / std[channel], 4);
    const sign = equalSign((Number(shown) - middle) / spread, normalised);
    setText(this.values.where, `Number ${count(index + 1)} of ${count(numbers.length)}: ${PLANES[channel].name} of pixel (${y + 1}, ${x + 1})`);
    setText(this.values.place, `Place in the strip: ${channel} · ${high * wide} + ${y} · ${wide} + ${x} + 1 = ${index + 1}`);
    setText(
      this.values.arithmetic,
      `${numbers[index]} / 255 = ${shown};  (${shown} − ${middle}) / ${spread} ${sign} ${normalised}`,
    );
  }
}

const count = (value) => value.toLocaleString("en");

function planePicture(parent, name) {
  const canvas = make("canvas", { role: "img", "aria-label": `The picked patch, ${name}` });
  parent.append(make("figure", {}, canvas, make("figcaption", { className: "muted" }, name)));
  return canvas;
}

function cell(canvas, event, columns, lines) {
  const box = canvas.getBoundingClientRect();
  return [
    partAt((event.clientX - box.left) / box.width, columns),
    partAt((event.clientY - box.top) / box.height, lines),
  ];
}

// The very values the model was given. They come as numbers, for no canvas is asked: against being recognised by what
// it draws, Tor Browser, LibreWolf and Brave let it answer with values that are a little or altogether wrong.
async function readPixels(source) {
  try {
    const { values, shape } = unpack(await (await answerOf(source)).arrayBuffer()).arrays.pixels;
    const [height, width] = shape;
    const pixels = withAlpha(values);
    const picture = new OffscreenCanvas(width, height);
    picture.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
    return { source, picture, width, height, pixels };
  } catch (error) {
    return { source: null, error: sentenceOf(error, "picture") };
  }
}

export default entry(PatchExplorer, "patches");
