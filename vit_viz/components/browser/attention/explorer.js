import { TokenLines } from "./attention_maps.js";
import { Choice } from "./choice.js";
import { setText } from "../shared/dom.js";
import { layOut } from "./explorer_layout.js";
import { MapPainter } from "./map_painter.js";
import { entry } from "../shared/mount.js";
import { NumberWriter } from "./number_writer.js";
import { RouteSource } from "../shared/route_source.js";
import { KEYS, SelectionReport } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";
import { TraceArrays } from "./trace_arrays.js";

// what Python is told of, and says
const SETTLED = [...KEYS, "direction"];

const openRoute = (data) =>
  new RouteSource({ routes: data.routes, traceId: data.trace_id });

/**
 * The attention explorer below one element: what the reader does, and what follows from it.
 *
 * Painting reads the uint8 maps; every number that is printed reads float32 arrays of the chosen head,
 * which follow a moment later. Painting is done in the event's own handler, so it is in the next frame.
 */
class Explorer {
  #choice = new Choice();

  constructor(root, { tell }) {
    this.report = new SelectionReport((selection) => tell("selection", selection), undefined, SETTLED);
    this.parts = layOut(root, this.#handlers());
    this.maps = new MapPainter(this.parts);
    this.numbers = new NumberWriter(this.parts);
  }

  #handlers() {
    return {
      photo: {
        hover: (token) => this.#hover(token),
        pick: (token) => this.#pick(token ?? this.#choice.state.token),
        walk: (key, shift) => (shift ? this.#stepBy(key) : this.#walk(key)),
        release: () => this.#change({ pinned: false }),
      },
      overview: {
        choose: (layer, head) => this.#settle({ layer, head, heads: "one" }),
        step: (layers, heads) => this.#step(layers, heads),
      },
      matrix: {
        hover: (cell) => this.#hoverCell(cell),
        open: (cell) => this.#open(cell ?? this.#choice.cross),
        walk: (queries, keys) => this.#walkCell(queries, keys),
        release: () => this.#change({ cell: null, pinned: false }),
      },
      readouts: { open: (other) => this.#open(this.#choice.cellOf(this.#choice.current, other)) },
      layer: (layer) => this.#settle({ layer }),
      head: (head) => this.#settle({ head }),
      direction: (direction) => this.#turn(direction),
      option: (name) => (value) => this.#change({ [name]: value }),
      retry: () => this.#load(),
    };
  }

  /** Take the facts of a trace, a selection, or a new theme; a notebook's facts bring the source of its numbers. */
  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    Object.assign(this, { data, ramps });
    this.maps.retheme(ramps);
    const told = this.report.isNews(data.selection);
    if (isNew) this.#load(told ? data.selection : this.#choice.state);
    else if (told) this.#change({ ...data.selection, cell: null });
    else this.#paint();
  }

  close() {
    this.arrays?.close();
    this.report.cancel();
    this.numbers.close();
  }

  // ---- arrival

  #load(selection = this.#choice.state) {
    const { data } = this;
    this.arrays?.close();
    this.#showProblem(null);
    this.tokens = new TokenGrid({
      grid: data.grid,
      patchSize: data.patch_size,
      prefixNames: data.prefix_names,
    });
    const sizes = { depth: data.depth, numHeads: data.num_heads, numTokens: this.tokens.numTokens };
    this.lines = new TokenLines(sizes);
    const source = (data.openSource ?? openRoute)(data);
    this.arrays = new TraceArrays(source, { ...sizes, whole: data.whole }, this.#arrivals());
    this.#setTokens(sizes, selection);
    this.arrays.wantPhoto();
    this.#wantArrays();
  }

  #arrivals() {
    return {
      status: (text) => setText(this.parts.status, text),
      problem: (sentence) => this.#showProblem(sentence),
      photo: (bitmap) => this.parts.stage.setPhoto(bitmap),
      maps: () => {
        this.maps.forgetMatrix();
        this.#paint();
      },
      numbers: () => {
        this.numbers.numbers(this.#scene);
        this.maps.matrix(this.#scene);
        this.numbers.speak(this.#scene);
      },
      line: (payload, { token, direction }) => {
        if (token !== this.#choice.current || direction !== this.#choice.state.direction) return;
        this.lines.take(payload);
        this.maps.overview(this.#scene);
      },
    };
  }

  #setTokens(sizes, selection) {
    const { parts, tokens } = this;
    this.#choice.start(sizes, selection);
    parts.stage.setTokens(tokens, this.data.alt);
    parts.overview.setTokens(tokens, sizes);
    parts.matrix.setTokens(tokens);
    this.maps.forgetMatrix();
    this.numbers.controls(this.#scene);
    this.#paint();
  }

  #wantArrays() {
    const { layer } = this.#choice.state;
    this.arrays.wantMaps(layer);
    this.arrays.wantNumbers({ layer, head: this.#choice.headName });
  }

  #showProblem(sentence) {
    this.parts.problem.hidden = sentence === null;
    this.parts.content.hidden = sentence !== null;
    setText(this.parts.problemText, sentence ?? "");
    setText(this.parts.status, "");
  }

  // ---- what the reader does

  #hover(token) {
    if (token === this.#choice.hovered) return;
    this.#choice.hovered = token;
    if (!this.#choice.state.pinned) this.#paint();
    else this.numbers.marks(this.#scene);
  }

  #hoverCell(cell) {
    const before = this.#choice.hoveredCell;
    if (cell?.query === before?.query && cell?.key === before?.key) return;
    this.#choice.hoveredCell = cell;
    this.#paint();
  }

  #pick(token) {
    const { pinned, token: chosen } = this.#choice.state;
    if (pinned && token === chosen) this.#change({ pinned: false });
    else this.#settle({ token, pinned: true, cell: null });
  }

  #walk(key) {
    this.#choice.hovered = null;
    this.#settle({ token: this.tokens.walk(this.#choice.state.token, key), cell: null });
  }

  #stepBy(key) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (step) this.#step(...step);
  }

  #step(layers, heads) {
    const { layer, head, token } = this.#choice.state;
    this.#settle(this.#choice.fitted({ token, layer: layer + layers, head: head + heads }));
  }

  #open(cell) {
    this.#settle({ token: this.#choice.end(cell), pinned: true, cell });
  }

  #walkCell(queries, keys) {
    const cell = this.#choice.stepped(queries, keys);
    this.#choice.hoveredCell = null;
    this.#settle({ token: this.#choice.end(cell), cell });
  }

  // an open pair stays open: seen from its other end, the other token is the current one
  #turn(direction) {
    const { cell, token } = this.#choice.state;
    this.#settle({ direction, token: cell ? this.#choice.end(cell, direction) : token });
  }

  #settle(changes) {
    this.#change(changes);
    this.report.settle(this.#choice.state);
    this.numbers.speak(this.#scene);
  }

  #change(changes) {
    Object.assign(this.#choice.state, changes);
    this.#wantArrays();
    this.numbers.controls(this.#scene);
    this.#paint();
  }

  // ---- painting

  get #scene() {
    const { tokens, lines, arrays, ramps, data } = this;
    return { choice: this.#choice, tokens, lines, arrays, ramps, data };
  }

  #paint() {
    const scene = this.#scene;
    const { current: token, state: { direction } } = this.#choice;
    this.lines.fill(this.arrays.maps, token, direction);
    if (!this.arrays.maps.complete) this.arrays.wantLine({ token, direction });
    this.maps.overview(scene);
    this.maps.photo(scene);
    this.maps.matrix(scene);
    this.numbers.marks(scene);
    this.numbers.numbers(scene);
  }
}

export default entry(Explorer, "explorer");
