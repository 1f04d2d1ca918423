import { make, ScreenBox, setText } from "./dom.js";
import { isChord } from "./keys.js";
import { cssColor } from "./ramps.js";
import { signedTone, tone } from "./tone.js";
import { byHand } from "./hand_words.js";
import { partAt } from "./within.js";

// narrower cells could not be told apart: a strip then takes several lines
const CELL_WIDTH = 3;

/**
 * Numbers drawn in rows and columns. Pointer, touch and arrow keys point at one; a screen reader meets a slider.
 *
 * `on` is {describe(index) → text, point(index or null), pick(index)}; the last two may be left out.
 */
export class Plot {
  index = null;
  rows = 1;
  cols = 1;
  count = 1;
  #marks = {};

  constructor(className, name, on) {
    this.on = on;
    this.canvas = make("canvas", { width: 1, height: 1, "aria-hidden": "true" });
    this.pen = this.canvas.getContext("2d");
    this.cursor = make("div", { className: "cursor", hidden: true });
    this.element = make(
      "div", { className: `plot ${className}`, tabIndex: 0, role: "slider", "aria-label": name, "aria-valuemin": "1" },
      this.canvas, this.cursor,
    );
    if (on.pick) this.element.classList.add("pickable");
    this.screen = new ScreenBox(this.element);
    this.#listen();
  }

  #listen() {
    const { element } = this;
    const follow = (event) => this.#move(this.at(...this.screen.shares(event)));
    element.addEventListener("pointermove", follow);
    element.addEventListener("pointerdown", follow);
    element.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.#move(null));
    element.addEventListener("click", (event) => this.#click(this.index ?? this.at(...this.screen.shares(event))));
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("blur", () => this.#move(null));
    element.addEventListener("focus", () => element.matches(":focus-visible") && this.#move(this.index ?? 0));
  }

  // What the pointer was last over, as a click itself comes in whole pixels and a row may be no higher. It is told
  // once more: with a finger, what had the focus before lets go after the pointer came down.
  #click(index) {
    this.point(index);
    this.on.point?.(index);
    this.on.pick?.(index);
  }

  #key(event) {
    if (isChord(event)) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.cols, ArrowDown: this.cols };
    const now = this.index ?? 0;
    const next = { Home: 0, End: this.count - 1 }[event.key] ?? now + steps[event.key];
    if (event.key === "Enter" && this.on.pick) this.on.pick(now);
    else if (next >= 0 && next < this.count) this.#move(next);
    else if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(index) {
    if (index === this.index) return;
    this.point(index);
    this.on.point?.(index);
  }

  /** Lay out `count` numbers; what was pointed at is let go where it is no more. */
  setSize(rows, cols, count = rows * cols) {
    Object.assign(this, { rows, cols, count });
    this.element.setAttribute("aria-valuemax", String(count));
    if (this.index >= count) this.index = null;
    this.point(this.index);
  }

  /** The number below a place, given as shares of width and height. */
  at(x, y) {
    return Math.min(this.count - 1, partAt(y, this.rows) * this.cols + partAt(x, this.cols));
  }

  /** Show which number is pointed at, without telling `on`. */
  point(index) {
    this.index = index;
    this.cursor.hidden = index === null;
    if (index !== null) this.#place(this.cursor, Math.floor(index / this.cols), index % this.cols, 1, 1);
    this.element.setAttribute("aria-valuenow", String((index ?? 0) + 1));
    this.element.setAttribute("aria-valuetext", this.on.describe(index ?? 0));
  }

  /** Outline a block of rows and columns for good; `name` is also its class. */
  mark(name, row, col, rows = 1, cols = 1) {
    if (!(name in this.#marks)) {
      this.#marks[name] = make("div", { className: `block ${name}` });
      this.element.append(this.#marks[name]);
    }
    this.#place(this.#marks[name], row, col, rows, cols);
  }

  #place(box, row, col, rows, cols) {
    Object.assign(box.style, {
      left: `${(100 * col) / this.cols}%`, width: `${(100 * cols) / this.cols}%`,
      top: `${(100 * row) / this.rows}%`, height: `${(100 * rows) / this.rows}%`,
    });
  }

  name(text) {
    this.element.setAttribute("aria-label", text);
  }
}

/** A vector as cells, in as many lines as its width asks for. */
export class Cells extends Plot {
  constructor(name, on) {
    super("cells", name, on);
    new ResizeObserver(() => this.#paint()).observe(this.element);
  }

  /** `top` is the size of full colour, `ramp` one for numbers on either side of 0. */
  write(values, top, ramps, ramp = "signed") {
    Object.assign(this, { values, top, ramps, table: ramps[ramp] });
    this.#paint();
  }

  #paint() {
    if (!this.values || this.element.clientWidth === 0) return;
    const { values, top, ramps, table } = this;
    const lines = Math.ceil((values.length * CELL_WIDTH) / this.element.clientWidth);
    const cols = Math.ceil(values.length / lines);
    this.setSize(lines, cols, values.length);
    this.element.style.setProperty("--lines", String(lines));
    paintPixels(this, lines, cols, (i) => (i < values.length ? table[signedTone(values[i], top)] : ramps.background));
  }
}

/** A matrix of numbers: weights in the colours of attention, others in those of a ramp with 0 in its middle. */
export class Heat extends Plot {
  constructor(name, on) {
    super("heat", name, on);
    new ResizeObserver(() => this.#sharpen()).observe(this.element);
  }

  /** values (rows, cols); `ramp` by its name, full at `top`. Painted again only where something changed. */
  write(values, { rows, cols, top, ramp, ramps }) {
    if (this.values === values && this.ramps === ramps && this.top === top) return;
    Object.assign(this, { values, ramps, top });
    this.setSize(rows, cols);
    const table = ramps[ramp];
    const place = ramp === "attention" ? (value, most) => tone(value, most, "linear") : signedTone;
    paintPixels(this, rows, cols, (i) => table[place(values[i], top)]);
    this.#sharpen();
  }

  // enlarged cells keep their edges; a map with more rows than pixels must blend them, or rows get lost
  #sharpen() {
    const enlarged = this.element.clientHeight >= this.rows && this.element.clientWidth >= this.cols;
    this.canvas.style.imageRendering = enlarged ? "pixelated" : "auto";
  }
}

function paintPixels({ canvas, pen }, rows, cols, colourOf) {
  if (canvas.width !== cols || canvas.height !== rows) Object.assign(canvas, { width: cols, height: rows });
  const image = pen.createImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = colourOf(i);
  pen.putImageData(image, 0, 0);
}

/** A row of numbers as bars: signed ones from a line in the middle, weights from the bottom. */
export class Bars extends Plot {
  constructor(name, on) {
    super("bars", name, on);
    new ResizeObserver(() => this.#paint()).observe(this.element);
  }

  /** `colours` are {up, down}, words of a ramp. */
  write(values, { top, colours, isSigned, ramps }) {
    Object.assign(this, { values, top, colours, isSigned, ramps });
    this.element.classList.toggle("signed", isSigned);
    this.setSize(1, values.length);
    this.#paint();
  }

  #paint() {
    const { values, top, colours, isSigned, element, canvas, pen } = this;
    const { clientWidth, clientHeight } = element;
    if (!values || clientWidth === 0) return;
    const scale = globalThis.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(clientWidth * scale), height: Math.round(clientHeight * scale) });
    const { width, height } = canvas;
    const base = isSigned ? height / 2 : height;
    const step = width / values.length;
    const gap = step > 4 * scale ? scale : 0;
    values.forEach((value, i) => {
      const size = Math.min(1, Math.abs(value) / top) * base;
      pen.fillStyle = cssColor(value < 0 ? colours.down : colours.up);
      pen.fillRect(i * step + gap / 2, value < 0 ? base : base - size, step - gap, size);
    });
    pen.fillStyle = cssColor(this.ramps.signed[0]);
    pen.globalAlpha = 0.35;
    if (isSigned) pen.fillRect(0, base - scale / 2, width, scale);
    pen.globalAlpha = 1;
  }
}

/** A line below a plot: what is pointed at, or else how to. It takes the room of the longer, so that nothing jumps. */
export class Readout {
  constructor(hint) {
    this.hint = make("span", { className: "hint" }, byHand(hint));
    this.said = make("span", { className: "said" });
    this.element = make("p", { className: "readout" }, this.hint, this.said);
  }

  /** Another invitation. */
  suggest(hint) {
    setText(this.hint, byHand(hint));
  }

  write(text) {
    this.hint.classList.toggle("away", text !== null);
    setText(this.said, text ?? "");
  }
}
