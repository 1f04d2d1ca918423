import { sentenceOf } from "../shared/route_source.js";
import { CompareSide } from "./side.js";
import { fullColours, sameIndex, sameToken } from "./places.js";
import { Segments, Slider } from "../shared/controls.js";
import { make } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { KEYS, SelectionReport, isWithin } from "../shared/selection.js";
import { byHand } from "../shared/hand_words.js";
import { within } from "../shared/within.js";

const FETCH_AFTER = 60;
const SIDES = [0, 1];
const LOOK = ["map", "scale"];
const these = (keys, of) => Object.fromEntries(keys.map((key) => [key, of[key]]));

/** Two sides with one cursor: what is pointed at or picked on one has its place on the other. */
class CompareView {
  // token, layer and head count as `side` counts them; the other side's follow from them
  #place = { side: 0, token: 0, layer: 0, head: 0 };
  // which map lies over both photos, and whether full colour is the same for both
  #look = {};
  #hovered = null;
  #hoveredHead = null;
  #timer = null;

  constructor(root, { tell }) {
    this.root = root;
    this.report = new SelectionReport((selection) => tell("selection", selection), undefined, [...KEYS, ...LOOK]);
    this.#layOut();
  }

  #layOut() {
    this.map = new Segments("Over the photo", { attention: "attention of the head", rollout: "rollout" }, (map) => this.#see({ map }));
    this.layer = new Slider("Layer", (layer) => this.#settle({ ...this.#on(0), side: 0, layer }));
    this.head = new Slider("Head", (head) => this.#settle({ ...this.#on(0), side: 0, head }));
    this.scale = new Segments("Full colour", { shared: "same scale for both", own: "each its own" }, (scale) => this.#see({ scale }));
    this.sides = SIDES.map((side) => new CompareSide({
      hover: (token) => this.#hover(token === null ? null : { side, token }),
      pick: (token) => this.#settle({ ...this.#on(side), side, token }),
      walk: (key) => this.#walk(side, key),
      hoverHead: (dot) => this.#hoverHead(dot && { side, ...dot }),
      pickHead: (dot) => this.#settle({ ...this.#on(side), side, ...dot }),
      walkHead: (key) => this.#walkHead(side, key),
    }));
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    const label = (text) => make("p", { className: "row-title" }, text);
    const controls = (...shown) => make("div", { className: "controls" }, ...shown.map(({ element }) => element));
    const row = (index) => make("div", { className: "pair" }, ...this.sides.map(({ parts }) => parts[index]));
    this.root.append(
      row(0), row(1), controls(this.layer, this.head, this.map), row(2), controls(this.scale), this.problem,
      label(byHand("mean attention distance in % of the picture's width, one dot per head; a click picks the head on both sides")), row(3),
    );
  }

  /** Take the facts of both traces, a selection, or a new theme. */
  update(data, ramps) {
    const before = this.data;
    Object.assign(this, { data, ramps });
    const told = this.report.isNews(data.selection);
    const isNew = SIDES.map((side) => before?.sides[side].trace_id !== data.sides[side].trace_id);
    SIDES.filter((side) => isNew[side]).forEach((side) => this.#load(side));
    this.sides.forEach((side, index) => side.name(data.sides[index]));
    const { side } = this.#place;
    const isElsewhere = told || (side === 1 && isNew[1]) || !isWithin(this.#place, data.sides[side]);
    if (isElsewhere) this.#place = { side: 0, ...these(KEYS, data.selection) };
    if (told) this.#look = these(LOOK, data.selection);
    if (isNew.includes(true)) this.#hovered = this.#hoveredHead = null;
    this.#paint();
  }

  close() {
    this.sides.forEach((side) => side.close());
    this.report.cancel();
    clearTimeout(this.#timer);
  }

  /** A saved picture names both sides; what they differ in is said once. */
  citation(words) {
    const [first, second] = this.data.sides.map(({ title }) => title);
    const common = Object.fromEntries(Object.entries(words).filter(([, text]) => text !== first));
    return { ...common, page: `${words.page}: ${first} beside ${second}` };
  }

  #load(side) {
    const { routes, sides } = this.data;
    this.sides[side].load(sides[side], routes);
    this.sides[side].photo().catch((error) => this.#showProblem(error));
  }

  #showProblem(error) {
    if (error.name === "AbortError") return;
    this.problem.textContent = sentenceOf(error, "numbers");
    this.problem.hidden = false;
  }

  // ---- the one cursor

  /** A place {side, token, layer, head} as one of the sides counts it; a token of null is not there. */
  #seen(place, side) {
    if (place.side === side) return place;
    const [from, to] = [this.sides[place.side], this.sides[side]];
    return {
      side,
      token: place.token === null ? null : sameToken(place.token, from.tokens, to.tokens),
      layer: sameIndex(place.layer, from.facts.depth, to.facts.depth),
      head: sameIndex(place.head, from.facts.num_heads, to.facts.num_heads),
    };
  }

  #on(side) {
    return this.#seen(this.#place, side);
  }

  /** What is shown on a side now: where the pointer is, else what is picked. */
  #shown(side) {
    const { layer, head } = this.#on(side);
    return this.#hovered ? { ...this.#seen({ ...this.#place, ...this.#hovered, layer: 0, head: 0 }, side), layer, head } : this.#on(side);
  }

  #hover(place) {
    this.#hovered = place;
    this.#paintMaps();
    this.#want();
  }

  #hoverHead(place) {
    this.#hoveredHead = place;
    this.#markDots();
  }

  #walk(side, key) {
    const { token } = this.#on(side);
    if (token !== null) this.#settle({ ...this.#on(side), side, token: this.sides[side].tokens.walk(token, key) });
  }

  #walkHead(side, key) {
    const { depth, num_heads: heads } = this.sides[side].facts;
    const { layer, head } = this.#hoveredHead?.side === side ? this.#hoveredHead : this.#on(side);
    if (key === "Enter") return this.#settle({ ...this.#on(side), side, layer, head });
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0], Home: [-depth, -heads], End: [depth, heads] };
    const [up, along] = moves[key] ?? [0, 0];
    return this.#hoverHead({ side, layer: within(layer + up, depth), head: within(head + along, heads) });
  }

  #settle(place) {
    const { side, token } = this.#place;
    // a head picked where there is no such token: the cursor stays with the side that has it
    const kept = place.token === null ? { ...this.#seen({ ...place, token: 0 }, side), token } : place;
    this.#place = { side: kept.side, token: kept.token, layer: kept.layer, head: kept.head };
    this.#paint();
    this.#tell();
  }

  #see(look) {
    Object.assign(this.#look, look);
    this.#paint();
    this.#tell();
  }

  #tell() {
    const first = this.#on(0);
    this.report.settle({ ...first, token: first.token ?? this.data.selection.token, ...this.#look });
  }

  // ---- painting

  #paint() {
    this.map.set(this.#look.map);
    this.scale.set(this.#look.scale);
    const { layer, head } = this.#on(0);
    const [{ facts }] = this.sides;
    this.layer.set({ value: layer, count: facts.depth });
    this.head.set({ value: head, count: facts.num_heads });
    this.#paintMaps();
    const top = 1.08 * Math.max(...this.sides.map((side) => side.farthest));
    const layers = Math.max(...this.sides.map((side) => side.facts.depth));
    this.sides.forEach((side) => side.paintDots({ top, layers }));
    this.#markDots();
    this.#want();
  }

  #paintMaps() {
    const { map, scale } = this.#look;
    const places = SIDES.map((side) => this.#shown(side));
    const rows = this.sides.map((side, index) => side.row(places[index], map));
    const tops = this.sides.map((side, index) => (rows[index] ? side.top(rows[index]) : 0));
    const full = fullColours(tops, this.sides.map((side) => side.tokens.numTokens), scale === "shared");
    this.sides.forEach((side, index) => side.paint(rows[index], places[index], { top: full[index], ramps: this.ramps, map }));
  }

  #markDots() {
    this.sides.forEach((side, index) => {
      const hovered = this.#hoveredHead && this.#seen({ token: null, ...this.#hoveredHead }, index);
      side.markDots(this.#on(index), hovered);
    });
  }

  #want() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(), FETCH_AFTER);
  }

  async #fetch() {
    const isRollout = this.#look.map === "rollout";
    try {
      const news = await Promise.all(this.sides.map((side, index) => {
        const place = this.#shown(index);
        return side.fetch(place, isRollout ? place.token : null);
      }));
      this.problem.hidden = true;
      if (news.includes(true)) this.#paintMaps();
    } catch (error) {
      this.#showProblem(error);
    }
  }
}

export default entry(CompareView, "compare");
