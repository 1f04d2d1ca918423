import { make, PixelCanvas, ScreenBox, setText } from "./dom.js";
import { formatPercent } from "./numbers.js";
import { cssColor } from "./ramps.js";
import { loadPhoto, sentenceOf } from "./route_source.js";
import { tone } from "./tone.js";
import { isWalk } from "./tokens.js";

/**
 * The photo with its patches, and the prefix tokens as tiles beside it.
 *
 * `on` is {hover(token or null), pick(token), walk(key), release()}.
 */
export class PhotoStage {
  constructor(on) {
    this.on = on;
    this.photo = make("canvas", { className: "photo" });
    this.overlay = new PixelCanvas("overlay");
    this.currentMark = make("div", { className: "mark current" });
    this.targetMark = make("div", { className: "mark target", hidden: true });
    this.stage = make(
      "div",
      {
        className: "stage",
        tabIndex: 0,
        role: "application",
        "aria-roledescription": "patches of the photo",
      },
      this.photo,
      this.overlay.element,
      this.targetMark,
      this.currentMark,
    );
    this.tiles = make("div", { className: "tiles", role: "group", "aria-label": "Prefix tokens" });
    this.element = make("div", { className: "photo-and-tiles" }, this.tiles, this.stage);
    this.box = new ScreenBox(this.stage);
    this.#listen();
  }

  #listen() {
    this.stage.addEventListener("pointermove", (event) => this.on.hover(this.#tokenAt(event)));
    this.stage.addEventListener("pointerdown", (event) => this.on.hover(this.#tokenAt(event)));
    this.stage.addEventListener("pointerleave", () => this.on.hover(null));
    this.stage.addEventListener("pointercancel", () => this.on.hover(null));
    this.stage.addEventListener("click", (event) => this.on.pick(this.#tokenAt(event)));
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (isWalk(event)) this.on.walk(event.key, event.shiftKey);
    else if (event.key === "Escape") this.on.release();
    else if ((event.key === "Enter" || event.key === " ") && event.target === this.stage) this.on.pick(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #tokenAt(event) {
    return this.tokens.under(this.box.shares(event));
  }

  /** Lay out for another trace. */
  setTokens(tokens, alt) {
    this.tokens = tokens;
    this.alt = alt;
    this.overlay.resize(tokens.cols, tokens.rows);
    this.stage.style.aspectRatio = `${tokens.cols * tokens.patchWidth} / ${tokens.rows * tokens.patchHeight}`;
    for (const mark of [this.currentMark, this.targetMark]) {
      Object.assign(mark.style, { width: `${100 / tokens.cols}%`, height: `${100 / tokens.rows}%` });
    }
    this.tileParts = tokens.prefixNames.map((name, token) => this.#tile(name, token));
    this.tiles.replaceChildren(...this.tileParts.map((part) => part.tile));
    this.tiles.hidden = tokens.numPrefix === 0;
  }

  #tile(name, token) {
    const fill = make("span", { className: "fill" });
    const value = make("span", { className: "value" });
    const tile = make(
      "button",
      { type: "button", className: "tile", tabIndex: -1 },
      fill,
      make("span", {}, name),
      value,
    );
    tile.addEventListener("pointerenter", () => this.on.hover(token));
    tile.addEventListener("pointerleave", () => this.on.hover(null));
    tile.addEventListener("click", () => this.on.pick(token));
    return { tile, fill, value };
  }

  /** Fetch and show a photo, unless another one was asked for meanwhile; `complain` gets the sentence if it fails. */
  async fetchPhoto(source, complain) {
    this.wanted = source;
    try {
      const bitmap = await loadPhoto(source);
      if (this.wanted === source) this.setPhoto(bitmap);
    } catch (error) {
      if (this.wanted === source) complain(sentenceOf(error, "picture"));
    }
  }

  setPhoto(bitmap) {
    Object.assign(this.photo, { width: bitmap.width, height: bitmap.height });
    this.photo.getContext("2d").drawImage(bitmap, 0, 0);
  }

  /** Lay weights (T,) over photo and tiles. `table` colours the photo, `ramp` the tiles. */
  paint(weights, { top, steps, table, ramp }) {
    const { numPrefix, numPatches } = this.tokens;
    const { pixels } = this.overlay;
    for (let patch = 0; patch < numPatches; patch += 1) {
      pixels[patch] = table[tone(weights[numPrefix + patch], top, steps)];
    }
    this.overlay.show();
    this.tileParts.forEach(({ fill }, token) => {
      fill.style.background = cssColor(ramp[tone(weights[token], top, steps)]);
    });
  }

  /** Nothing to lay over the photo (yet). */
  clear() {
    this.overlay.pixels.fill(0);
    this.overlay.show();
    for (const { fill, value } of this.tileParts) {
      fill.style.background = "";
      setText(value, "");
    }
  }

  /** Float32 weights under the tiles; null while they have not arrived. */
  writeTiles(weights) {
    this.tileParts.forEach(({ value }, token) =>
      setText(value, weights ? formatPercent(weights[token]) : "–"),
    );
  }

  /** Outline the current token and, where there is one, the token its weight is read of. */
  mark({ token, target, pinned, description }) {
    this.#place(this.currentMark, token);
    this.#place(this.targetMark, target === token ? null : target);
    this.stage.classList.toggle("pinned", pinned);
    this.tileParts.forEach(({ tile }, index) => {
      tile.setAttribute("aria-pressed", String(pinned && index === token));
      tile.classList.toggle("current", index === token);
      tile.classList.toggle("target", index === target && index !== token);
    });
    this.stage.setAttribute(
      "aria-label",
      `${this.alt} ${this.tokens.rows} × ${this.tokens.cols} patches. ${description}. ` +
        "Arrow keys walk, Enter pins, Escape releases; Shift with left and right changes the layer, with up and down the head.",
    );
  }

  #place(mark, token) {
    mark.hidden = token === null || this.tokens.isPrefix(token);
    if (mark.hidden) return;
    const { rows, cols } = this.tokens;
    mark.style.left = `${(this.tokens.col(token) * 100) / cols}%`;
    mark.style.top = `${(this.tokens.row(token) * 100) / rows}%`;
  }
}
