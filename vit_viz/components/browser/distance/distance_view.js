import { RouteSource, sentenceOf } from "../shared/route_source.js";
import { Segments } from "../shared/controls.js";
import { DistancePlot } from "./distance_plot.js";
import { DistanceSum, length } from "./distance_sum.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatPercent } from "../shared/numbers.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { Problem } from "../shared/problem.js";
import { SelectionReport, isWithin } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";

const FETCH_AFTER = 60;
// how the dots are drawn, which stays when the reader comes back to the page
const LOOK = ["rows", "unit", "uniform", "field", "band"];

/** The page Attention distance below one element: its state, and what follows from each change of it. */
class DistanceView {
  #state = { token: 0, layer: 0, head: 0, set: 0, rows: "paper", unit: "px", uniform: true, field: true, band: false };
  #numbers = null;
  #hovered = null;
  #pointed = null;
  #timer = null;

  constructor(root, { tell }) {
    this.root = root;
    this.report = new SelectionReport((selection) => tell("selection", selection));
    this.look = new SelectionReport((look) => tell("look", look), undefined, LOOK);
    this.#layOut();
  }

  #layOut() {
    this.rows = new Segments("Rows", { paper: "as in the paper", renormalised: "renormalised" }, (rows) => this.#show({ rows }));
    this.unit = new Segments("Distance in", { px: "pixels", patches: "patches" }, (unit) => this.#show({ unit }));
    this.sets = make("div", { className: "sets" });
    this.plot = new DistancePlot({
      hover: (dot) => this.#hover(dot), pick: (dot) => this.#settle(dot), walk: (key) => this.#walk(key),
    });
    this.readout = make("p", { className: "readout", "aria-live": "polite" });
    this.legend = make("div", { className: "legend" });
    this.note = make("p", { className: "note" });
    this.photo = new PhotoStage({
      hover: () => {}, pick: (token) => this.#pick(token), walk: (key) => this.#pick(this.tokens.walk(this.#query(), key)),
      release: () => {},
    });
    this.sum = new DistanceSum({ point: (token) => this.#point(token) });
    this.problem = new Problem(() => this.#load());
    const caption = make("p", { className: "note" }, "Pick a patch as the query. Coloured are the patches that its distance comes from.");
    this.axis = make("p", { className: "axis" });
    this.root.append(
      make("div", { className: "controls" }, this.sets, this.rows.element, this.unit.element),
      this.axis, this.plot.element, this.readout, this.legend, this.note, this.problem.element,
      make("div", { className: "behind" }, make("div", { className: "query" }, this.photo.element, caption), this.sum.element),
    );
  }

  /** Take the facts of a trace, its averages, a selection, or a new theme. */
  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    const shown = this.data?.sets[this.#state.set]?.name;
    const wanted = this.data?.show === data.show && shown !== undefined ? shown : data.show;
    Object.assign(this, { data, ramps });
    this.#state.set = Math.max(0, data.sets.findIndex(({ name }) => name === wanted));
    const told = this.report.isNews(data.selection);
    if (this.look.isNews(data.look)) Object.assign(this.#state, data.look);
    this.#offerSets();
    if (told || !isWithin(this.#state, data)) Object.assign(this.#state, data.selection);
    if (isNew) this.#load();
    else if (told) this.#change({});
    else this.#paint();
  }

  close() {
    this.source?.close();
    this.report.cancel();
    this.look.cancel();
    clearTimeout(this.#timer);
  }

  /** A saved picture is of the photos that are chosen, not always of the one beside. */
  citation(words) {
    const { set } = this.#state;
    return set === 0 ? words : { ...words, photo: this.data.sets[set].title };
  }

  drawing() {
    return { svgs: [this.plot.svg], texts: [this.axis, this.legend, this.note] };
  }

  #offerSets() {
    const titles = this.data.sets.map(({ title }) => title);
    if (String(titles) === this.offered) return;
    this.offered = String(titles);
    const options = Object.fromEntries(titles.map((title, index) => [index, title]));
    this.choice = new Segments("Photos", options, (set) => this.#change({ set: Number(set) }));
    this.sets.replaceChildren(this.choice.element);
  }

  // ---- arrival

  #load() {
    const { data } = this;
    this.source?.close();
    this.#numbers = this.#hovered = this.#pointed = null;
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: data.prefix_names });
    this.source = new RouteSource({ routes: data.routes, traceId: data.trace_id });
    this.photo.setTokens(this.tokens, data.alt);
    this.photo.clear();
    this.#wantPhoto(this.source);
    this.#change({});
  }

  async #wantPhoto(source) {
    try {
      const bitmap = await createImageBitmap(await source.photo());
      if (source === this.source) this.photo.setPhoto(bitmap);
    } catch (error) {
      this.#showProblem(source, error);
    }
  }

  async #fetch() {
    const { source } = this;
    const { layer, head } = this.#state;
    try {
      const { arrays } = await source.head(layer, head);
      if (source !== this.source || layer !== this.#state.layer || head !== this.#state.head) return;
      this.#numbers = { layer, head, attn: arrays.attn.values };
      this.problem.say(null);
      this.#paintSum();
    } catch (error) {
      this.#showProblem(source, error);
    }
  }

  #showProblem(source, error) {
    if (source === this.source && error.name !== "AbortError") this.problem.say(sentenceOf(error, "numbers"));
  }

  // ---- choice

  #change(changes) {
    Object.assign(this.#state, changes);
    this.#paint();
    const { layer, head } = this.#state;
    clearTimeout(this.#timer);
    if (this.#numbers?.layer === layer && this.#numbers.head === head) return;
    this.#timer = setTimeout(() => this.#fetch(), FETCH_AFTER);
  }

  /** Another way to draw the dots, which Python keeps. */
  #show(changes) {
    this.#change(changes);
    this.look.settle(this.#state);
  }

  /** A choice that Python and the other pages should hear of. */
  #settle(changes) {
    this.#change(changes);
    this.report.settle(this.#state);
  }

  #pick(token) {
    if (token !== null && !this.tokens.isPrefix(token)) this.#settle({ token });
  }

  /** The picked patch; a prefix token has no place, so the middle patch stands in for it. */
  #query() {
    const { token } = this.#state;
    if (!this.tokens.isPrefix(token)) return token;
    return this.tokens.at(Math.floor(this.tokens.rows / 2), Math.floor(this.tokens.cols / 2));
  }

  #walk(key) {
    const { layer, head } = this.#hovered ?? this.#state;
    const heads = this.data.num_heads;
    const moves = {
      ArrowLeft: layer * heads + head - 1, ArrowRight: layer * heads + head + 1, Home: 0, End: this.data.depth * heads - 1,
      ArrowDown: (layer - 1) * heads + head, ArrowUp: (layer + 1) * heads + head,
    };
    if (key === "Enter") return this.#settle({ layer, head });
    const place = moves[key];
    if (place < 0 || place >= this.data.depth * heads) return undefined;
    return this.#hover({ layer: Math.floor(place / heads), head: place % heads });
  }

  #hover(dot) {
    this.#hovered = dot;
    this.plot.mark({ chosen: this.#state, hovered: dot });
    this.#writeReadout();
  }

  #point(token) {
    this.#pointed = token;
    this.#markPhoto();
  }

  // ---- painting

  get #unit() {
    const [height] = this.data.patch_size;
    return this.#state.unit === "px" ? { name: "px", factor: 1 } : { name: "patches", factor: 1 / height };
  }

  get #measure() {
    return this.#state.rows === "paper" ? "distance" : "renormalised";
  }

  #paint() {
    this.rows.set(this.#state.rows);
    this.unit.set(this.#state.unit);
    this.choice.set(String(this.#state.set));
    this.sets.hidden = this.data.sets.length < 2;
    this.rows.element.hidden = this.tokens.numPrefix === 0; // nothing is dropped, so both definitions agree
    this.unit.element.hidden = this.data.patch_size[0] !== this.data.patch_size[1];
    this.#paintPlot();
    this.#paintLegend();
    this.#paintSum();
  }

  #dots({ depth, num_heads: numHeads, values, errors }) {
    const { factor } = this.#unit;
    const dots = [];
    for (let layer = 0; layer < depth; layer += 1) {
      for (let head = 0; head < numHeads; head += 1) {
        const at = (arrays, name) => arrays?.[name][layer][head] ?? null;
        const error = at(errors, this.#measure);
        dots.push({
          layer, head, numHeads, value: at(values, this.#measure) * factor, mass: at(values, "prefix_mass"),
          error: error === null ? null : error * factor,
        });
      }
    }
    return dots;
  }

  #paintPlot() {
    const { data } = this;
    const { uniform, field, band, rows } = this.#state;
    const { factor, name } = this.#unit;
    const set = data.sets[this.#state.set];
    const showsBand = band && rows === "paper" && data.published !== null;
    const layers = Math.max(data.depth, set.beside?.depth ?? 0, showsBand ? data.published.band.length : 0);
    const scaled = (values) => values.map((value) => value * factor);
    setText(this.axis, `mean attention distance in ${name === "px" ? "pixels" : "patches"}, one dot per head`);
    this.plot.draw({
      layers, numHeads: data.num_heads, dots: this.#dots(set), beside: set.beside ? this.#dots(set.beside) : null,
      top: data.top * factor, hasPrefix: this.tokens.numPrefix > 0, prefixName: this.tokens.prefixTitle,
      uniform: uniform ? data.uniform[this.#measure] * factor : null,
      field: field ? scaled(Array.from({ length: layers }, (_, layer) => 2 * (layer + 1) + 1)) : null,
      band: showsBand ? data.published.band.map(scaled) : null,
    });
    this.plot.mark({ chosen: this.#state, hovered: this.#hovered });
    this.plot.name(
      `Attention distance of ${data.depth} layers of ${data.num_heads} heads, ${set.title}. ` +
        "Left and right walk through the heads, up and down through the layers, Enter opens the sum behind a dot.",
    );
    this.#writeReadout();
  }

  #writeReadout() {
    const { layer, head } = this.#hovered ?? this.#state;
    const set = this.data.sets[this.#state.set];
    const read = (arrays, name) => arrays?.[name][layer][head] ?? null;
    const value = read(set.values, this.#measure);
    const error = read(set.errors, this.#measure);
    const parts = [
      `Layer ${layer + 1}, head ${head + 1}: ${length(value, this.#unit)}${error === null ? "" : ` ± ${length(error, this.#unit)}`}`,
    ];
    if (this.tokens.numPrefix > 0) parts.push(`${formatPercent(read(set.values, "prefix_mass"))} on ${this.tokens.prefixTitle}`);
    setText(this.readout, parts.join(" · "));
  }

  #paintLegend() {
    const { data } = this;
    const { rows } = this.#state;
    const set = data.sets[this.#state.set];
    const even = length(data.uniform[this.#measure], this.#unit);
    const entries = [
      ["dot", set.beside ? data.title : "a head, first to last from left to right", null],
      ...(set.beside ? [["hollow", set.beside.title, null]] : []),
      ...(set.errors ? [["error", "± one standard error", null]] : []),
      ["uniform", `looking at all tokens alike: ${even}`, "uniform"],
      ["field", "a stack of 3 × 3 convolutions: after n layers 2n + 1 px", "field"],
      ...(data.published ? [["band", data.published.title, "band"]] : []),
    ];
    this.legend.replaceChildren(...entries.map((parts) => this.#entry(...parts)));
    const notes = [set.note, data.published && this.#state.band && (rows === "paper" ? data.published.source : NO_BAND)];
    setText(this.note, notes.filter(Boolean).join(" "));
  }

  #entry(mark, text, toggles) {
    const sign = make("span", { className: `sign ${mark}` });
    if (!toggles) return make("span", { className: "entry" }, sign, text);
    const box = make("input", { type: "checkbox", checked: this.#state[toggles] });
    box.addEventListener("change", () => {
      this.#show({ [toggles]: box.checked });
      this.legend.querySelector(`[data-of=${toggles}] input`).focus();
    });
    return make("label", { className: "entry", "data-of": toggles }, box, sign, text);
  }

  #paintSum() {
    const { layer, head, rows } = this.#state;
    this.#markPhoto();
    if (this.#numbers?.layer !== layer || this.#numbers.head !== head) {
      this.sum.wait({ layer, head });
      return;
    }
    const sum = this.sum.write({
      attn: this.#numbers.attn, layer, head, token: this.#query(), tokens: this.tokens,
      renormalised: rows === "renormalised", unit: this.#unit, isTheDot: this.#state.set === 0,
    });
    const { heat: table, attention: ramp } = this.ramps;
    this.photo.paint(sum.terms, { top: Math.max(...sum.terms), steps: "linear", table, ramp });
  }

  #markPhoto() {
    const token = this.#query();
    this.photo.mark({ token, target: this.#pointed, pinned: true, description: `The query is ${this.tokens.spoken(token)}` });
  }
}

const NO_BAND = "The published figures are not renormalised, so their band is shown with the paper's definition only.";

export default entry(DistanceView, "distance");
