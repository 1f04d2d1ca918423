import { make } from "../shared/dom.js";
import { PixelBox } from "./pixel_box.js";
import { signedTone, tone } from "../shared/tone.js";
import { SHARES } from "../shared/weight_rows.js";
import { within } from "../shared/within.js";

// sizes on the canvas in shares of all patches, each of which takes one pixel: prefix rows are few and must be hittable
const PREFIX_SHARE = 1 / 40;
const GAP_SHARE = 1 / 100;
const SMOOTH_ABOVE = 420;

/**
 * The T × T matrix of one head: rows are queries, columns keys; prefix rows and columns first, wider and set apart.
 *
 * `on` is {hover(cell or null), open(cell), walk(query step, key step)}, a cell being {query, key}.
 */
export class MatrixCanvas {
  constructor(on) {
    this.queryLine = make("div", { className: "cross query" });
    this.keyLine = make("div", { className: "cross key" });
    this.box = new PixelBox(
      {
        className: "matrix-box",
        cells: "matrix-cells",
        description: "attention matrix",
        marks: [this.queryLine, this.keyLine],
      },
      { step: (right, down) => on.walk(down, right), open: () => on.open(null), release: on.release },
    );
    this.canvas = this.box.canvas;
    this.element = make(
      "div",
      { className: "matrix" },
      make("div", { className: "axis keys" }, "keys: attended to →"),
      make("div", { className: "axis queries" }, "queries →"),
      this.box.element,
    );
    const { element } = this.box;
    element.addEventListener("pointermove", (event) => on.hover(this.#cellAt(event)));
    element.addEventListener("pointerleave", () => on.hover(null));
    element.addEventListener("click", (event) => on.open(this.#cellAt(event)));
  }

  setTokens(tokens) {
    this.tokens = tokens;
    const pixels = (share) => Math.max(1, Math.round(tokens.numPatches * share));
    this.wide = pixels(PREFIX_SHARE);
    this.lead = tokens.numPrefix > 0 ? tokens.numPrefix * this.wide + pixels(GAP_SHARE) : 0;
    this.size = this.lead + tokens.numPatches;
    this.canvas.resize(this.size, this.size);
    this.canvas.element.classList.toggle("smooth", this.size > SMOOTH_ABOVE);
    this.painted = null;
  }

  /** First pixel and width of a token on either axis. */
  span(token) {
    if (this.tokens.isPrefix(token)) return [token * this.wide, this.wide];
    return [this.lead + token - this.tokens.numPrefix, 1];
  }

  tokenAtPixel(pixel) {
    const { numPrefix, numTokens } = this.tokens;
    if (pixel < this.lead) return Math.min(numPrefix - 1, Math.floor(pixel / this.wide));
    return within(numPrefix + Math.floor(pixel - this.lead), numTokens);
  }

  #cellAt(event) {
    const [x, y] = this.box.placeAt(event, this.size, this.size);
    return { query: this.tokenAtPixel(y), key: this.tokenAtPixel(x) };
  }

  /** After the softmax: WeightRows of T queries; `top` of null gives each row its own. */
  paintWeights(rows, { top, steps, ramps }) {
    const { codes, scale, numPatches, numPrefix } = rows;
    const tones = new Uint8Array(256);
    this.#paint(ramps, (query) => {
      const full = top ?? scale[query];
      // the patches of one row have 256 different codes at most: their tones once, not N times
      for (let code = 0; code < 256; code += 1) tones[code] = tone(SHARES[code] * scale[query], full, steps);
      const first = query * numPatches - numPrefix;
      return (key) =>
        ramps.attention[key < numPrefix ? tone(rows.at(query, key), full, steps) : tones[codes[first + key]]];
    });
  }

  /** Before the softmax: float32 scores (T, T), diverging around 0. */
  paintScores(scores, { top, ramps }) {
    const T = this.tokens.numTokens;
    this.#paint(ramps, (query) => (key) => ramps.signed[signedTone(scores[query * T + key], top)]);
  }

  clear(ramps) {
    this.canvas.pixels.fill(ramps.unknown);
    this.canvas.show();
  }

  #paint(ramps, rowPainter) {
    const { pixels } = this.canvas;
    const { numTokens } = this.tokens;
    pixels.fill(ramps.background);
    for (let query = 0; query < numTokens; query += 1) {
      const [top, height] = this.span(query);
      const start = top * this.size;
      const colorOf = rowPainter(query);
      for (let key = 0; key < numTokens; key += 1) {
        const [left, width] = this.span(key);
        pixels.fill(colorOf(key), start + left, start + left + width);
      }
      for (let copy = 1; copy < height; copy += 1) {
        pixels.copyWithin(start + copy * this.size, start, start + this.size);
      }
    }
    this.canvas.show();
  }

  /** Lay the cross-hair over a query's row and a key's column; null hides either. */
  mark({ query, key, description }) {
    this.#line(this.queryLine, query, "top", "height");
    this.#line(this.keyLine, key, "left", "width");
    this.box.name(
      `Matrix of ${this.tokens.numTokens} queries by ${this.tokens.numTokens} keys. ${description} ` +
        "Arrow keys move the cross-hair, Enter opens the arithmetic of its weight.",
    );
  }

  #line(line, token, side, extent) {
    line.hidden = token === null;
    if (line.hidden) return;
    const [start, size] = this.span(token);
    line.style[side] = `${(100 * start) / this.size}%`;
    line.style[extent] = `${(100 * size) / this.size}%`;
  }
}
