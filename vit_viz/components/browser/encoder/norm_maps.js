import { make, PixelCanvas, ScreenBox } from "../shared/dom.js";
import { cssColor } from "../shared/ramps.js";
import { tone } from "../shared/tone.js";
import { isWalk } from "../shared/tokens.js";

/**
 * One small map per depth: the length of every token's row, prefix tokens as squares above the patches.
 *
 * `on` is {hover(token or null), pick(token), walk(key)}.
 */
export class NormMaps {
  constructor(on) {
    this.on = on;
    this.element = make("div", { className: "maps", tabIndex: 0, role: "application", "aria-roledescription": "maps of token lengths" });
    this.element.addEventListener("keydown", (event) => {
      if (!isWalk(event)) return;
      event.preventDefault();
      on.walk(event.key);
    });
    this.maps = [];
  }

  /** Lay out for another trace; `sinks` is a list of tokens per depth, `photo` an address. */
  setTokens(tokens, { depth, sinks, photo }) {
    this.tokens = tokens;
    this.maps = Array.from({ length: depth + 1 }, (_, at) => this.#map(at, sinks[at]));
    this.photo = this.#figure("photo", [], make("img", { src: photo, alt: "" }));
    this.element.classList.toggle("many", tokens.numPrefix > 2);
    this.element.replaceChildren(this.photo.element, ...this.maps.map((map) => map.element));
  }

  #map(at, sinks) {
    const { tokens } = this;
    const canvas = new PixelCanvas("");
    canvas.resize(tokens.cols, tokens.rows);
    const rings = sinks.map((token) => this.#place(make("div", { className: "sink" }), token));
    const squares = tokens.prefixNames.map((name, token) => this.#square(name, token));
    const name = at === 0 ? "input" : `after ${at}`;
    return { canvas, squares, ...this.#figure(name, squares, canvas.element, ...rings) };
  }

  #figure(name, squares, ...layers) {
    const { tokens } = this;
    const mark = make("div", { className: "mark" });
    const box = make("div", { className: "map-box" }, ...layers, mark);
    box.style.aspectRatio = `${tokens.cols * tokens.patchWidth} / ${tokens.rows * tokens.patchHeight}`;
    const head = make(
      "div", { className: "map-head" },
      make("figcaption", {}, name), make("div", { className: "squares" }, ...this.#squaresName(squares), ...squares),
    );
    this.#listen(box);
    return { mark, element: make("figure", { className: "map" }, head, box) };
  }

  /** One square has its name beside it; several have theirs in the legend. */
  #squaresName(squares) {
    return squares.length === 1 ? [make("span", { className: "squares-name" }, this.tokens.prefixNames[0])] : [];
  }

  #square(name, token) {
    const square = make("button", { type: "button", className: "square", tabIndex: -1, title: name, "aria-label": name });
    square.addEventListener("pointerenter", () => this.on.hover(token));
    square.addEventListener("pointerleave", () => this.on.hover(null));
    square.addEventListener("click", () => this.on.pick(token));
    return square;
  }

  #listen(box) {
    const screen = new ScreenBox(box);
    const tokenAt = (event) => this.tokens.under(screen.shares(event));
    box.addEventListener("pointermove", (event) => this.on.hover(tokenAt(event)));
    box.addEventListener("pointerleave", () => this.on.hover(null));
    box.addEventListener("click", (event) => this.on.pick(tokenAt(event)));
  }

  #place(mark, token) {
    const { rows, cols } = this.tokens;
    Object.assign(mark.style, {
      width: `${100 / cols}%`, height: `${100 / rows}%`,
      left: `${(100 * this.tokens.col(token)) / cols}%`, top: `${(100 * this.tokens.row(token)) / rows}%`,
    });
    return mark;
  }

  /** lengths (L + 1, T); from the ground at lows[depth] to full tone at tops[depth]. */
  paint(lengths, lows, tops, ramps) {
    const { numTokens, numPrefix } = this.tokens;
    this.maps.forEach(({ canvas, squares }, at) => {
      const own = lengths.subarray(at * numTokens, (at + 1) * numTokens);
      const word = (token) => ramps.grey[tone(own[token] - lows[at], tops[at] - lows[at], "linear")];
      for (let patch = 0; patch < canvas.pixels.length; patch += 1) canvas.pixels[patch] = word(numPrefix + patch);
      canvas.show();
      squares.forEach((square, token) => (square.style.background = cssColor(word(token))));
    });
  }

  /** Outline the token on every map, and the map of the chosen layer. */
  mark(token, depth, description) {
    for (const { mark } of [this.photo, ...this.maps]) {
      mark.hidden = this.tokens.isPrefix(token);
      if (!mark.hidden) this.#place(mark, token);
    }
    this.maps.forEach(({ squares, element }, at) => {
      squares.forEach((square, i) => square.classList.toggle("current", i === token));
      element.classList.toggle("chosen", at === depth);
    });
    this.element.setAttribute("aria-label", `${description} Arrow keys walk over the patches.`);
  }
}
