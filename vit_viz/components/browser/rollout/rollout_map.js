import { make, setText } from "../shared/dom.js";
import { formatPercent, formatWeight } from "../shared/numbers.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { cssColor, MULTIPLY } from "../shared/ramps.js";
import { tone } from "../shared/tone.js";

/** Largest and smallest weight on a patch of a row (T,). */
export function patchRange(row, numPrefix) {
  const patches = row.subarray(numPrefix);
  return [patches.reduce((a, b) => Math.min(a, b), Infinity), patches.reduce((a, b) => Math.max(a, b), 0)];
}

/** One row over the photo, with its title, scale and the numbers that belong to it. */
export class RolloutMap {
  constructor(on) {
    this.stage = new PhotoStage(on);
    this.title = make("h3", {});
    this.low = make("span", { className: "number" });
    this.bar = make("div", { className: "legend-bar" });
    this.high = make("span", { className: "number" });
    this.even = make("span", { className: "even" });
    this.lines = [make("p", { className: "detail" }), make("p", { className: "detail" })];
    this.element = make(
      "section",
      {},
      this.title,
      this.stage.element,
      make("div", { className: "legend" }, this.low, this.bar, this.high, this.even),
      ...this.lines,
    );
  }

  /** row (T,) float32; `look` is "patches" or "paper", `from` the weight where the scale begins: "zero" or "smallest". */
  paint(row, { look, from, ramps }) {
    const { numPrefix, numTokens } = this.stage.tokens;
    const [smallest, top] = patchRange(row, numPrefix);
    const bottom = from === "smallest" ? smallest : 0;
    const table = look === "paper" ? MULTIPLY : ramps.heat;
    const shown = row.map((weight) => weight - bottom);
    // where nothing reaches the patches any weight beside them is full colour
    this.stage.paint(shown, { top: top - bottom || Number.MIN_VALUE, steps: "linear", table, ramp: ramps.attention });
    this.stage.overlay.element.classList.toggle("smooth", look === "paper");
    this.stage.writeTiles(row);
    setText(this.low, bottom === 0 ? "0" : formatWeight(bottom));
    setText(this.high, formatWeight(top));
    setText(this.even, `even share ${formatWeight(1 / numTokens)}`);
    this.#paintBar(look, ramps);
  }

  #paintBar(look, ramps) {
    const color = look === "paper" ? (place) => `rgb(${place} ${place} ${place})` : (place) => cssColor(ramps.attention[place]);
    const stops = Array.from({ length: 9 }, (_, i) => color(Math.round((i * 255) / 8)));
    this.bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }
}

/** Small maps of R after each layer, each at its own scale; a click goes to that layer. `on.pick(place)`. */
export class BuildUp {
  constructor(on) {
    this.on = on;
    this.row = make("div", { className: "build-up", role: "group", "aria-label": "Rollout after each layer" });
    this.element = make("div", {}, make("p", { className: "build-up-name", "aria-hidden": "true" }, "after layer →"), this.row);
  }

  /** One tile for each of the layers from `start` on. */
  setTokens(tokens, count, start) {
    if (this.tokens === tokens && this.start === start) return;
    Object.assign(this, { tokens, start });
    this.tiles = Array.from({ length: count }, (_, place) => {
      const canvas = make("canvas", { width: tokens.cols, height: tokens.rows });
      const tile = make("button", { type: "button" }, canvas, make("span", {}, String(start + place + 1)));
      tile.setAttribute("aria-label", `After layer ${start + place + 1}`);
      tile.addEventListener("click", () => this.on.pick(place));
      return { tile, canvas };
    });
    this.row.replaceChildren(...this.tiles.map(({ tile }) => tile));
  }

  paint(rows, from, table) {
    const { numPrefix, numPatches, numTokens } = this.tokens;
    this.tiles.forEach(({ canvas }, place) => {
      const row = rows.subarray(place * numTokens, (place + 1) * numTokens);
      const [smallest, top] = patchRange(row, numPrefix);
      const bottom = from === "smallest" ? smallest : 0;
      const image = canvas.getContext("2d").createImageData(canvas.width, canvas.height);
      const pixels = new Uint32Array(image.data.buffer);
      for (let patch = 0; patch < numPatches; patch += 1) {
        pixels[patch] = table[tone(row[numPrefix + patch] - bottom, top - bottom, "linear")];
      }
      canvas.getContext("2d").putImageData(image, 0, 0);
    });
  }

  mark(chosen) {
    this.tiles.forEach(({ tile }, place) => tile.setAttribute("aria-pressed", String(place === chosen)));
  }
}

/** "This row sums to 1.000000, all rows to 1.000000": what tells a right rollout from a wrong one. */
export function sumsText(sum, [least, most]) {
  const all = least.toFixed(6) === most.toFixed(6) ? `all rows to ${least.toFixed(6)}` : `rows to ${least.toFixed(3)} – ${most.toFixed(3)}`;
  return `Sums to ${sum.toFixed(6)}, ${all}`;
}

/** What the row holds at one token, and how that compares with an even share. */
export function valueText(row, token, tokens) {
  const times = row[token] * tokens.numTokens;
  return `${tokens.label(token)}: ${formatWeight(row[token])}, ${formatPercent(row[token])}, ${times.toFixed(2)} × even`;
}
