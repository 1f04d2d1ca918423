import { RouteSource, sentenceOf } from "../shared/route_source.js";
import { Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { cosines, mostAlike } from "./embedding_arithmetic.js";
import { entry } from "../shared/mount.js";
import { fixed } from "../shared/numbers.js";
import { ProductFigure } from "./product.js";
import { PatchPhoto } from "./patch_photo.js";
import { Problem } from "../shared/problem.js";
import { colourScale, four, fullColour, row } from "../shared/row_arithmetic.js";
import { Heat, Readout } from "../shared/plots.js";
import { SelectionReport, hasToken } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";
import { byHand } from "../shared/hand_words.js";
import { capital } from "../shared/wording.js";

const KEYS = ["token", "dimension"];
const NUM_ALIKE = 5;
const SIDES = { inputs: "before the projection", outputs: "after the projection" };

/** The page's picture below one element: its state, and what follows from each change of it. */
class EmbeddingView {
  // patch and dimension that are picked, and those that the pointer passes over
  #picked = { patch: 0, dimension: 0 };
  #hovered = null;
  #arrays = null;

  constructor(root, { tell }) {
    this.root = root;
    this.report = new SelectionReport((selection) => tell("selection", selection), undefined, KEYS);
    this.#layOut();
  }

  #layOut() {
    this.filter = new Slider("Filter", (dimension) => this.#settle({ dimension }));
    this.photo = new PatchPhoto({
      hover: (patch) => this.#hover(patch === null ? null : { patch }),
      pick: (patch) => this.#settle({ patch }),
      walk: (key) => this.#settle({ patch: this.tokens.walk(this.#picked.patch, key) }),
    });
    this.caption = make("p", { className: "caption", role: "status" });
    this.enlarged = make("canvas", { className: "enlarged", "aria-hidden": "true" });
    this.hint = make("p", { className: "muted" }, byHand("Move to look, click to pick, arrows to walk."));
    this.product = new ProductFigure();
    this.problem = new Problem(() => this.#load());
    const controls = make("div", { className: "controls" }, this.filter.element);
    this.story = make("div", { className: "story" }, controls, this.product.element);
    this.columns = make(
      "div", { className: "columns" },
      make(
        "div", { className: "picture" }, this.photo.element,
        make("div", { className: "picked" }, this.enlarged, make("div", {}, this.caption, this.hint)),
      ),
      this.story,
    );
    this.below = [this.#matrixPart(), this.#alikePart()];
    this.content = make("div", { className: "content" }, this.columns, ...this.below);
    this.root.append(this.problem.element, this.content);
  }

  #matrixPart() {
    this.matrixReadout = new Readout("Point at a number to see its arithmetic above. A click picks its patch and its filter.");
    const place = (index) => ({ patch: Math.floor(index / this.size), dimension: index % this.size });
    this.matrix = new Heat("The matrix of all embedded patches", {
      describe: (index) => (this.#arrays ? this.#cellText(place(index)) : ""),
      point: (index) => this.#hover(index === null ? null : place(index)),
      pick: (index) => this.#settle(place(index)),
    });
    this.matrixTitle = make("figcaption", {});
    return make(
      "figure", { className: "matrix" }, this.matrixTitle,
      make("div", { className: "framed" }, make("span", { className: "axis rows" }, "patches →"), this.matrix.element),
      this.matrixReadout.element,
    );
  }

  #cellText({ patch, dimension }) {
    const value = this.#arrays.outputs.values[patch * this.size + dimension];
    return `${this.tokens.label(patch)}, dimension ${dimension + 1}: ${four(value)}`;
  }

  #alikePart() {
    this.alike = Object.fromEntries(Object.entries(SIDES).map(([name, when]) => [name, this.#alikeSide(name, when)]));
    this.shared = make("p", { className: "muted" });
    return make(
      "section", { className: "alike" },
      make("h3", {}, "Which patches are alike?"), this.shared,
      make("div", { className: "sides" }, ...Object.values(this.alike).map((side) => side.element)),
    );
  }

  #alikeSide(name, when) {
    const side = { readout: new Readout("Cosine from −1 (blue) to 1 (vermilion). Point to read, click to pick.") };
    side.read = (patch) => (side.cosines ? `${this.tokens.label(patch)}: cosine ${four(side.cosines[patch])}` : "");
    side.map = new Heat(`Cosine of every patch with the picked one, ${when}`, {
      describe: side.read,
      point: (patch) => side.readout.write(patch === null ? null : side.read(patch)),
      pick: (patch) => this.#settle({ patch }),
    });
    side.list = Array.from({ length: NUM_ALIKE }, () => new Thumbnail((patch) => this.#settle({ patch })));
    side.element = make(
      "figure", { className: `side ${name}` },
      make("figcaption", {}, capital(when)),
      make("div", { className: "map-and-list" }, side.map.element, make("ol", {}, ...side.list.map((item) => item.element))),
      side.readout.element,
    );
    return side;
  }

  /** Take the facts of a trace, a selection, or a new theme. */
  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    Object.assign(this, { data, ramps });
    const told = this.report.isNews(data.selection);
    if (isNew) this.#load();
    if (told || !this.#isThere(this.#picked)) this.#picked = { patch: data.selection.token - data.prefix_names.length, dimension: data.selection.dimension };
    this.#paint();
  }

  close() {
    this.source?.close();
    this.report.cancel();
  }

  #isThere({ patch, dimension }) {
    const { prefix_names, embed_dim } = this.data;
    return hasToken(patch + prefix_names.length, this.data) && dimension < embed_dim;
  }

  async #load() {
    const { data } = this;
    this.source?.close();
    this.source = new RouteSource({ routes: data.routes, traceId: data.trace_id });
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: [] });
    this.size = data.embed_dim;
    this.#arrays = null;
    this.#hovered = null;
    this.photo.setTokens(this.tokens, data.alt);
    this.#showProblem(null);
    const { source } = this;
    try {
      const [photo, { arrays }] = await Promise.all([source.photo().then(createImageBitmap), source.embedding()]);
      if (source !== this.source) return; // another picture was chosen meanwhile
      this.#arrays = arrays;
      this.photo.setPhoto(photo);
      this.#paint();
    } catch (error) {
      if (source === this.source && error.name !== "AbortError") this.#showProblem(sentenceOf(error, "numbers"));
    }
  }

  #showProblem(sentence) {
    this.problem.say(sentence);
    this.content.hidden = sentence !== null;
  }

  #settle(changes) {
    Object.assign(this.#picked, changes);
    this.#hovered = null;
    this.#paint();
    this.report.settle({
      token: this.#picked.patch + this.data.prefix_names.length, dimension: this.#picked.dimension,
    });
  }

  #hover(place) {
    const same = place === this.#hovered || (place && this.#hovered && place.patch === this.#hovered.patch && place.dimension === this.#hovered.dimension);
    if (same) return;
    this.#hovered = place;
    this.#paint();
  }

  #paint() {
    const { data, tokens } = this;
    const { patch, dimension } = { ...this.#picked, ...this.#hovered };
    this.filter.set({ value: dimension, count: this.size });
    this.filter.element.hidden = this.product.element.hidden = !data.kernel;
    this.photo.frame(patch);
    setText(this.caption, capital(tokens.label(patch)));
    const isWaiting = this.#arrays === null;
    this.content.setAttribute("aria-busy", String(isWaiting));
    // until its own numbers come there is nothing, or another model's, to pick from
    for (const part of this.below) part.inert = isWaiting;
    if (isWaiting) return;
    this.photo.copyPatch(patch, this.enlarged);
    this.#paintProduct(patch, dimension);
    this.#paintMatrix(patch, dimension);
    this.#paintAlike(patch);
  }

  #paintProduct(patch, dimension) {
    const { inputs, weight, bias, outputs } = this.#arrays;
    if (!weight) return;
    const F = inputs.shape[1];
    this.product.write({
      patch: this.tokens.label(patch), dimension, kernel: this.data.kernel, fromPixels: this.data.from_pixels, ramps: this.ramps,
      inputs: row(inputs.values, F, patch), filter: row(weight.values, F, dimension),
      bias: this.data.has_bias ? bias.values[dimension] : null,
      inputsTop: fullColour(inputs.values), number: outputs.values[patch * this.size + dimension],
    });
  }

  #paintMatrix(patch, dimension) {
    const { values } = this.#arrays.outputs;
    const [rows, cols, top] = [this.tokens.numPatches, this.size, fullColour(values)];
    setText(this.matrixTitle, `All patches embedded: ${rows} rows, one per patch × ${cols} columns, one per filter; ${colourScale(top)}`);
    this.matrix.write(values, { rows, cols, top, ramp: "signed", ramps: this.ramps });
    this.matrix.mark("row", patch, 0, 1, cols);
    this.matrix.mark("column", 0, dimension, rows, 1);
    this.matrixReadout.write(capital(this.#cellText({ patch, dimension })));
  }

  #paintAlike(patch) {
    const best = Object.entries(this.alike).map(([name, side]) => this.#paintSide(side, this.#arrays[name], patch));
    const both = best[0].filter((other) => best[1].includes(other)).length;
    setText(this.shared, `The ${best[0].length} most like ${this.tokens.label(patch)} by cosine; ${both} of them are the same before and after.`);
  }

  #paintSide(side, { values, shape }, patch) {
    const { rows, cols } = this.tokens;
    side.cosines = cosines(values, shape[1], patch);
    side.map.write(side.cosines, { rows, cols, top: 1, ramp: "signed", ramps: this.ramps });
    side.map.element.style.aspectRatio = this.photo.element.style.aspectRatio;
    side.map.mark("own", this.tokens.row(patch), this.tokens.col(patch));
    const best = mostAlike(side.cosines, patch, NUM_ALIKE);
    side.list.forEach((item, place) => {
      item.element.hidden = place >= best.length;
      if (place < best.length) item.write(best[place], side.cosines[best[place]], this.photo);
    });
    return best;
  }
}

/** One of the most alike patches: its pixels, its place and its cosine. */
class Thumbnail {
  constructor(pick) {
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.name = make("span", {});
    this.value = make("span", { className: "number" });
    const button = make("button", { type: "button" }, this.canvas, this.name, this.value);
    button.addEventListener("click", () => pick(this.patch));
    this.element = make("li", { hidden: true }, button);
  }

  write(patch, cosine, photo) {
    this.patch = patch;
    photo.copyPatch(patch, this.canvas);
    setText(this.name, photo.tokens.label(patch).replace("patch ", ""));
    setText(this.value, fixed(cosine, 3));
  }
}

export default entry(EmbeddingView, "embedding");
