import { sentenceOf } from "../shared/route_source.js";
import { Segments, Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { strongestFew } from "../shared/measures.js";
import { formatWeight } from "../shared/numbers.js";
import { row } from "../shared/row_arithmetic.js";
import { Figures } from "./qkv_figures.js";
import { QkvPhoto } from "./qkv_photo.js";
import { QkvSource } from "./qkv_source.js";
import { Steps } from "./qkv_steps.js";
import { entry } from "../shared/mount.js";
import { Problem } from "../shared/problem.js";
import { SelectionReport, isWithin } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";

// a slider that is dragged passes many heads: ask only for those it rests on
const FETCH_AFTER = 60;

/** The page's picture below one element: its state, and what follows from each change of it. */
class QkvView {
  // a key of null follows the strongest other token of the query's row
  #state = { token: 0, layer: 0, head: 0, key: null, picks: "query" };
  #numbers = null;
  #timer = null;
  #hovered = null;

  constructor(root, { tell }) {
    this.root = root;
    this.report = new SelectionReport((selection) => tell("selection", selection));
    this.#layOut();
  }

  #layOut() {
    this.layer = new Slider("Layer", (layer) => this.#settle({ layer }));
    this.head = new Slider("Head", (head) => this.#settle({ head }));
    this.picks = new Segments("Picking the", { query: "query", key: "key" }, (picks) => this.#change({ picks }));
    this.photo = new QkvPhoto({
      hover: (token) => this.#hover(token), pick: (token) => this.#pick(token), walk: (key) => this.#walk(key),
    });
    const over = (steps) => {
      this.figures.light(steps);
      this.map.light(steps);
      this.steps.light(steps);
    };
    const drawing = { over, open: (step) => this.steps.open(step) };
    this.figures = new Figures(drawing);
    this.map = new Figures(drawing, true);
    this.steps = new Steps({
      over: (step) => over(step === null ? null : [step]),
      key: (key) => this.#change({ key }),
      pair: (token, key) => this.#settle({ token, key }),
    });
    this.caption = make("p", { className: "caption", role: "status" });
    this.detail = make("p", { className: "detail" });
    this.problem = new Problem(() => this.#load());
    this.content = make(
      "div", { className: "columns" },
      make("div", { className: "picture" }, this.photo.element, this.picks.element, this.caption, this.detail, this.map.element),
      make("div", { className: "story" }, this.figures.element, this.steps.element),
    );
    const controls = make("div", { className: "controls" }, this.layer.element, this.head.element);
    // the map stands in for the drawings where they are scrolled away
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => this.map.element.classList.toggle("seen", !isIntersecting));
    this.sight.observe(this.figures.element);
    this.root.append(this.problem.element, make("div", { className: "content" }, controls, this.content));
  }

  /** Take the facts of a trace, a selection, or a new theme. */
  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    Object.assign(this, { data, ramps });
    const told = this.report.isNews(data.selection);
    if (told || !isWithin(this.#state, data)) Object.assign(this.#state, data.selection);
    if (isNew) this.#load();
    else if (told) this.#change({});
    else this.#paint();
  }

  close() {
    this.source?.close();
    this.report.cancel();
    this.sight.disconnect();
    clearTimeout(this.#timer);
  }

  // ---- arrival

  #load() {
    const { data } = this;
    this.source?.close();
    this.#numbers = this.#hovered = null;
    this.#showProblem(null);
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: data.prefix_names });
    this.sizes = { T: this.tokens.numTokens, D: data.embed_dim, H: data.num_heads, K: data.head_dim };
    this.source = new QkvSource({ routes: data.routes, traceId: data.trace_id });
    this.photo.setTokens(this.tokens, data.alt);
    this.figures.setSizes(this.sizes);
    this.map.setSizes(this.sizes);
    this.#state.key = null;
    this.#wantPhoto(this.source);
    this.#paint();
    this.#fetch();
  }

  async #wantPhoto(source) {
    try {
      const bitmap = await source.photo();
      if (source === this.source) this.photo.setPhoto(bitmap);
    } catch (error) {
      if (source === this.source) this.#showProblem(sentenceOf(error, "numbers"));
    }
  }

  #wantNumbers() {
    const { layer, head } = this.#state;
    clearTimeout(this.#timer);
    if (this.#numbers?.layer === layer && this.#numbers.head === head) return;
    this.#timer = setTimeout(() => this.#fetch(), FETCH_AFTER);
  }

  async #fetch() {
    const { source } = this;
    const { layer, head } = this.#state;
    const isWanted = () => source === this.source && layer === this.#state.layer && head === this.#state.head;
    try {
      const arrays = await source.arrays(layer, head);
      if (!isWanted()) return;
      this.#numbers = { layer, head, arrays };
      this.#showProblem(null);
      this.#paint();
    } catch (error) {
      if (isWanted()) this.#showProblem(sentenceOf(error, "numbers"));
    }
  }

  #showProblem(sentence) {
    this.problem.say(sentence);
    this.content.hidden = sentence !== null;
  }

  // ---- choice

  #change(changes) {
    Object.assign(this.#state, changes);
    this.#paint();
    this.#wantNumbers();
  }

  /** A choice that Python and the other pages should hear of. */
  #settle(changes) {
    this.#change(changes);
    this.report.settle(this.#state);
  }

  #pick(token) {
    if (this.#state.picks === "key") this.#change({ key: token });
    else this.#settle({ token });
  }

  #walk(arrow) {
    const from = this.#state.picks === "key" ? this.#key() : this.#state.token;
    this.#pick(this.tokens.walk(from, arrow));
  }

  #hover(token) {
    this.#hovered = token;
    this.#writeDetail();
  }

  /** The arrays of the chosen head; null while they are on their way. */
  #arrays() {
    const isHere = this.#numbers?.layer === this.#state.layer && this.#numbers.head === this.#state.head;
    return isHere ? this.#numbers.arrays : null;
  }

  #weights() {
    const arrays = this.#arrays();
    return arrays && row(arrays.attn.values, this.sizes.T, this.#state.token);
  }

  #key() {
    const { token, key } = this.#state;
    const weights = this.#weights();
    if (key !== null || !weights) return key ?? token;
    return strongestFew(weights, 2).find((other) => other !== token) ?? token;
  }

  // ---- painting

  #paint() {
    const { token, layer, head, picks } = this.#state;
    this.layer.set({ value: layer, count: this.data.depth });
    this.head.set({ value: head, count: this.data.num_heads });
    this.picks.set(picks);
    const key = this.#key();
    this.photo.mark({ query: token, key, picks });
    const arrays = this.#arrays();
    this.steps.element.classList.toggle("waiting", arrays === null);
    this.steps.element.setAttribute("aria-busy", String(arrays === null));
    this.#writeCaption(token, key);
    this.#writeDetail();
    if (arrays === null) return;
    const { tokens, sizes, ramps: tables } = this;
    this.steps.write({ tokens, sizes, token, key, layer, head, arrays, ramps: tables, norm: this.data.norm, notes: this.data.notes });
  }

  #writeCaption(token, key) {
    const { tokens } = this;
    const said = `${token} ${key}`;
    if (this.captioned === said && this.captionTokens === tokens) return;
    Object.assign(this, { captioned: said, captionTokens: tokens });
    this.caption.replaceChildren(
      make("span", {}, "Query ", make("span", { className: "blue strong" }, tokens.label(token))),
      make("span", {}, "Key ", make("span", { className: "vermilion strong" }, tokens.label(key))),
    );
  }

  #writeDetail() {
    const weights = this.#weights();
    const token = this.#hovered ?? this.#key();
    if (!weights) return setText(this.detail, "…");
    return setText(this.detail, `Weight on ${this.tokens.label(token)}: ${formatWeight(weights[token])}`);
  }
}

export default entry(QkvView, "qkv");
