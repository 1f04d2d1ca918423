import { make, setText } from "../shared/dom.js";
import { mass } from "../shared/measures.js";
import { PixelBox } from "./pixel_box.js";
import { tone } from "../shared/tone.js";

// in pixels of one patch each: the gap between tiles, and the bar below a tile
const GAP = 2;
const BAR = 1;
// from this width / height on, the overview is given more than half of the page's width
const FLAT = 1.5;

/**
 * One small map per head of every layer for the current token, all on one canvas.
 * Layers run to the right, heads down; the orange bar below a map is its weight on the prefix tokens.
 *
 * `on` is {choose(layer, head), step(layers, heads)}, by a click and by an arrow key.
 */
export class OverviewCanvas {
  constructor(on) {
    this.frame = make("div", { className: "mark chosen" });
    this.box = new PixelBox(
      {
        className: "overview-box",
        cells: "maps",
        description: "overview of all heads",
        marks: [this.frame],
      },
      { step: on.step },
    );
    this.canvas = this.box.canvas;
    this.layerNumbers = make("div", { className: "layer-numbers", "aria-hidden": "true" });
    this.headNumbers = make("div", { className: "head-numbers", "aria-hidden": "true" });
    this.element = make(
      "div",
      { className: "overview" },
      make("span", { className: "axes", "aria-hidden": "true" }, "head ↓ layer →"),
      this.layerNumbers,
      this.headNumbers,
      this.box.element,
    );
    this.box.element.addEventListener("click", (event) => {
      on.choose(...this.box.placeAt(event, this.depth, this.numHeads));
    });
  }

  setTokens(tokens, { depth, numHeads }) {
    Object.assign(this, { tokens, depth, numHeads });
    this.tileWidth = tokens.cols + GAP;
    this.tileHeight = tokens.rows + GAP + BAR;
    this.canvas.resize(depth * this.tileWidth, numHeads * this.tileHeight);
    const aspect = (depth * this.tileWidth) / (numHeads * this.tileHeight);
    this.element.style.setProperty("--aspect", String(aspect));
    this.element.classList.toggle("flat", aspect > FLAT);
    this.layerNumbers.replaceChildren(...numbers(depth));
    this.headNumbers.replaceChildren(...numbers(numHeads));
    const share = (patches, tile, count) => `${(100 * patches) / (tile * count)}%`;
    this.frame.style.width = share(tokens.cols, this.tileWidth, depth);
    this.frame.style.height = share(tokens.rows, this.tileHeight, numHeads);
  }

  /** Paint all maps from TokenLines; `top` of null gives each map its own scale. */
  paint(lines, { top, steps, ramps }) {
    this.canvas.pixels.fill(ramps.background);
    for (let layer = 0; layer < this.depth; layer += 1) {
      for (let head = 0; head < this.numHeads; head += 1) {
        if (lines.known[layer]) this.#map(lines, layer, head, { top, steps, ramps });
        else this.#blank(layer, head, ramps.unknown);
      }
    }
    this.canvas.show();
  }

  #map(lines, layer, head, { top, steps, ramps }) {
    const { rows, cols, numPrefix } = this.tokens;
    const { pixels, image } = this.canvas;
    const weights = lines.line(layer, head);
    const full = top ?? lines.tops[layer * this.numHeads + head];
    let place = this.#corner(layer, head);
    let token = numPrefix;
    for (let row = 0; row < rows; row += 1, place += image.width) {
      for (let col = 0; col < cols; col += 1, token += 1) {
        pixels[place + col] = ramps.attention[tone(weights[token], full, steps)];
      }
    }
    const share = mass(weights, numPrefix) / mass(weights);
    const length = Math.round(share * cols);
    pixels.fill(ramps.orange, place, place + length);
  }

  #blank(layer, head, color) {
    let place = this.#corner(layer, head);
    for (let row = 0; row < this.tokens.rows; row += 1, place += this.canvas.image.width) {
      this.canvas.pixels.fill(color, place, place + this.tokens.cols);
    }
  }

  #corner(layer, head) {
    return head * this.tileHeight * this.canvas.image.width + layer * this.tileWidth;
  }

  /** Frame the chosen head, or with head null (the mean) its whole layer. */
  mark({ layer, head, description }) {
    const { style } = this.frame;
    style.left = `${(100 * layer) / this.depth}%`;
    style.top = `${(100 * (head ?? 0)) / this.numHeads}%`;
    const count = head === null ? this.numHeads : 1;
    style.height = `${(100 * (this.tokens.rows + (count - 1) * this.tileHeight)) / (this.tileHeight * this.numHeads)}%`;
    highlight(this.layerNumbers, layer);
    highlight(this.headNumbers, head);
    this.box.name(
      `${this.depth} × ${this.numHeads} maps, one per head of every layer. ${description}. Arrow keys choose layer and head.`,
    );
  }
}

function numbers(count) {
  // beyond twenty, every number would not be legible beside its map
  const every = count > 20 ? 4 : 1;
  return Array.from({ length: count }, (_, i) => make("span", {}, i % every === 0 ? String(i + 1) : ""));
}

function highlight(list, index) {
  Array.from(list.children).forEach((span, i) => {
    span.classList.toggle("chosen", i === index);
    if (i === index) setText(span, String(i + 1));
  });
}
