import { quantiseRows, TokenLines } from "./attention_maps.js";
import { setText } from "../shared/dom.js";
import { layOut } from "./explorer_layout.js";
import { column } from "../shared/measures.js";
import { formatWeight } from "../shared/numbers.js";
import { cssColor, isDark, parseColor, ramps } from "../shared/ramps.js";
import { sameSelection, SelectionReport } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";
import { DECADES, sharedTop } from "../shared/tone.js";
import { TraceArrays } from "./trace_arrays.js";
import { capital, cellText, speech, verb, weightText, where } from "../shared/wording.js";

const MEAN = "mean";
const SPEAK_AFTER = 400;

/**
 * The attention explorer below one element: its state, and what follows from each change of it.
 *
 * Painting reads the uint8 maps; every number that is printed reads float32 arrays of the chosen head,
 * which follow a moment later. Painting is done in the event's own handler, so it is in the next frame.
 */
export class Explorer {
  #state = {
    token: 0,
    layer: 0,
    head: 0,
    pinned: false,
    cell: null,
    direction: "to",
    overlay: "heat",
    scale: "shared",
    steps: "linear",
    heads: "one",
    matrix: "after",
  };
  #hovered = null;
  #hoveredCell = null;
  #speech = null;
  #fromPython = null;

  constructor(root, send) {
    this.root = root;
    this.report = new SelectionReport(send);
    this.parts = layOut(root, this.#handlers());
  }

  #handlers() {
    return {
      photo: {
        hover: (token) => this.#hover(token),
        pick: (token) => this.#pick(token ?? this.#state.token),
        walk: (key, shift) => (shift ? this.#stepBy(key) : this.#walk(key)),
        release: () => this.#change({ pinned: false }),
      },
      overview: {
        choose: (layer, head) => this.#settle({ layer, head, heads: "one" }),
        step: (layers, heads) => this.#step(layers, heads),
      },
      matrix: {
        hover: (cell) => this.#hoverCell(cell),
        open: (cell) => this.#open(cell ?? this.#cross()),
        walk: (queries, keys) => this.#walkCell(queries, keys),
        release: () => this.#change({ cell: null, pinned: false }),
      },
      readouts: { open: (other) => this.#open(this.#cellOf(this.#current(), other)) },
      layer: (layer) => this.#settle({ layer }),
      head: (head) => this.#settle({ head }),
      direction: (direction) => this.#turn(direction),
      option: (name) => (value) => this.#change({ [name]: value }),
      retry: () => this.#load(),
    };
  }

  /** Take the facts of a trace, a selection, or a new theme; `openSource` makes the source of a new trace. */
  update(data, openSource) {
    const isNew = this.data?.trace_id !== data.trace_id || this.data.version !== data.version;
    this.#retheme();
    this.data = data;
    this.openSource = openSource;
    const told = !sameSelection(data.selection, this.#fromPython) && !this.report.isEcho(data.selection);
    this.#fromPython = data.selection;
    if (isNew) this.#load();
    else if (told) this.#change({ ...data.selection, cell: null });
    else this.#paint();
  }

  close() {
    this.arrays?.close();
    this.report.cancel();
    clearTimeout(this.#speech);
  }

  #retheme() {
    const background = parseColor(getComputedStyle(this.root).backgroundColor);
    this.ramps = ramps(background);
    this.root.classList.toggle("dark", isDark(background));
    this.root.classList.toggle("light", !isDark(background));
    this.matrixPainted = null;
    const stops = Array.from({ length: 9 }, (_, i) =>
      cssColor(this.ramps.attention[Math.round((i * 255) / 8)]),
    );
    this.parts.legendBar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }

  // ---- arrival

  #load() {
    const { data } = this;
    this.arrays?.close();
    this.arrays = null;
    this.#showProblem(null);
    if (!data.depth || !data.num_heads) {
      this.#showProblem(
        "This model has no attention maps: its layers mix the patches in another way.",
        false,
      );
      return;
    }
    this.tokens = new TokenGrid({
      grid: data.grid,
      patchSize: data.patch_size,
      prefixNames: data.prefix_names,
    });
    const sizes = { depth: data.depth, numHeads: data.num_heads, numTokens: this.tokens.numTokens };
    this.lines = new TokenLines(sizes);
    this.arrays = new TraceArrays(this.openSource(data), { ...sizes, whole: data.whole }, this.#arrivals());
    this.#setTokens(sizes);
    this.arrays.wantPhoto();
    this.arrays.wantMaps(this.#state.layer);
    this.arrays.wantNumbers(this.#wanted());
  }

  #arrivals() {
    return {
      status: (text) => setText(this.parts.status, text),
      problem: (sentence) => this.#showProblem(sentence),
      photo: (bitmap) => this.parts.stage.setPhoto(bitmap),
      maps: () => {
        this.matrixPainted = null;
        this.#paint();
      },
      numbers: () => {
        this.#paintNumbers();
        this.#paintMatrix();
        this.#speak();
      },
      line: (payload, { token, direction }) => {
        if (token !== this.#current() || direction !== this.#state.direction) return;
        this.lines.take(payload);
        this.#paintOverview();
      },
    };
  }

  #setTokens(sizes) {
    this.#hovered = null;
    this.#hoveredCell = null;
    Object.assign(this.#state, this.#fitted(this.data.selection), { cell: null });
    this.parts.stage.setTokens(this.tokens, this.data.alt);
    this.parts.overview.setTokens(this.tokens, sizes);
    this.parts.matrix.setTokens(this.tokens);
    this.matrixPainted = null;
    const title = this.tokens.numPrefix === 1 ? this.tokens.prefixNames[0] : "the prefix tokens";
    setText(
      this.parts.prefixNote,
      this.tokens.numPrefix > 0 ? `Orange: share of the weight on ${title}.` : "",
    );
    this.#paintControls();
    this.#paint();
  }

  #fitted({ token, layer, head }) {
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    return {
      token: within(token, this.tokens.numTokens),
      layer: within(layer, this.data.depth),
      head: within(head, this.data.num_heads),
    };
  }

  #showProblem(sentence, canRetry = true) {
    this.parts.problem.hidden = sentence === null;
    this.parts.content.hidden = sentence !== null;
    this.parts.retry.hidden = !canRetry;
    setText(this.parts.problemText, sentence ?? "");
    setText(this.parts.status, "");
  }

  /** Whose float32 arrays the numbers on screen are. */
  #wanted() {
    const { layer, head, heads } = this.#state;
    return { layer, head: heads === "mean" ? MEAN : head };
  }

  // ---- what the reader does

  #hover(token) {
    if (token === this.#hovered) return;
    this.#hovered = token;
    if (this.#state.pinned) this.#paintMarks();
    else this.#paint();
  }

  #hoverCell(cell) {
    if (cell?.query === this.#hoveredCell?.query && cell?.key === this.#hoveredCell?.key) return;
    this.#hoveredCell = cell;
    this.#paint();
  }

  #pick(token) {
    const release = this.#state.pinned && token === this.#state.token;
    if (release) this.#change({ pinned: false });
    else this.#settle({ token, pinned: true, cell: null });
  }

  #walk(key) {
    this.#hovered = null;
    this.#settle({ token: this.tokens.walk(this.#state.token, key), cell: null });
  }

  #stepBy(key) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (step) this.#step(...step);
  }

  #step(layers, heads) {
    const { layer, head, token } = this.#state;
    this.#settle(this.#fitted({ token, layer: layer + layers, head: head + heads }));
  }

  #open(cell) {
    const token = this.#state.direction === "to" ? cell.query : cell.key;
    this.#settle({ token, pinned: true, cell });
  }

  #walkCell(queries, keys) {
    const within = (value) => Math.max(0, Math.min(this.tokens.numTokens - 1, value));
    const { query, key } = this.#cross();
    const cell = { query: within(query + queries), key: within(key + keys) };
    this.#hoveredCell = null;
    this.#settle({ token: this.#state.direction === "to" ? cell.query : cell.key, cell });
  }

  // an open pair stays open: seen from its other end, the other token is the current one
  #turn(direction) {
    const { cell, token } = this.#state;
    const end = cell && (direction === "to" ? cell.query : cell.key);
    this.#settle({ direction, token: end ?? token });
  }

  #settle(changes) {
    this.#change(changes);
    this.report.settle(this.#state);
    this.#speak();
  }

  #change(changes) {
    Object.assign(this.#state, changes);
    if (!this.arrays) return;
    this.arrays.wantMaps(this.#state.layer);
    this.arrays.wantNumbers(this.#wanted());
    this.#paintControls();
    this.#paint();
  }

  // ---- which token, which pair

  #current() {
    if (this.#hoveredCell)
      return this.#state.direction === "to" ? this.#hoveredCell.query : this.#hoveredCell.key;
    return this.#state.pinned || this.#hovered === null ? this.#state.token : this.#hovered;
  }

  #target() {
    const cell =
      this.#hoveredCell ?? (this.#hovered === null || !this.#state.pinned ? this.#state.cell : null);
    if (cell) return this.#state.direction === "to" ? cell.key : cell.query;
    return this.#state.pinned ? this.#hovered : null;
  }

  #cellOf(token, other) {
    return this.#state.direction === "to" ? { query: token, key: other } : { query: other, key: token };
  }

  #cross() {
    return this.#state.cell ?? this.#cellOf(this.#state.token, this.#state.token);
  }

  // ---- painting

  #paint() {
    if (!this.arrays) return;
    const { maps } = this.arrays;
    const [token, { direction }] = [this.#current(), this.#state];
    this.lines.fill(maps, token, direction);
    if (!maps.complete) this.arrays.wantLine({ token, direction });
    this.#paintOverview();
    this.#paintPhoto();
    this.#paintMatrix();
    this.#paintMarks();
    this.#paintNumbers();
  }

  #paintOverview() {
    const { scale, steps } = this.#state;
    const top = scale === "shared" ? this.lines.sharedTop : null;
    this.parts.overview.paint(this.lines, { top, steps, ramps: this.ramps });
  }

  #paintPhoto() {
    const { layer, head, heads, scale, steps, overlay } = this.#state;
    const { stage } = this.parts;
    if (!this.arrays.maps.has(layer)) {
      stage.clear();
      return;
    }
    const mean = heads === "mean";
    const weights = mean ? this.lines.mean(layer) : this.lines.line(layer, head);
    const own = mean
      ? largest(weights, this.tokens.numPrefix)
      : this.lines.tops[layer * this.data.num_heads + head];
    const top = scale === "shared" ? this.lines.sharedTop : own;
    stage.paint(weights, { top, steps, table: this.ramps[overlay], ramp: this.ramps.attention });
    this.#paintLegend(top, mean);
  }

  // a mean's largest weight is known only approximately until its float32 rows arrive, so it is not printed
  #paintLegend(top, isMean) {
    const { steps, scale } = this.#state;
    const own = scale === "own";
    const high = own ? (isMean ? "largest here" : `${formatWeight(top)}, largest here`) : `${top} and more`;
    const low =
      isMean && own ? "1/1000 of it" : own ? formatWeight(top / 10 ** DECADES) : String(top / 10 ** DECADES);
    setText(this.parts.legendLow, steps === "log" ? low : "0");
    setText(this.parts.legendHigh, high);
  }

  #paintMatrix() {
    const { layer, head, heads, scale, steps } = this.#state;
    const { arrays } = this.arrays.numbers ?? {};
    const before = this.#isBefore();
    const source = before ? arrays?.scores : heads === "mean" ? arrays?.attn : this.arrays.maps.has(layer);
    const drawn = [layer, heads === "mean" ? MEAN : head, before, scale, steps, Boolean(source)].join();
    if (drawn === this.matrixPainted) return;
    this.matrixPainted = drawn;
    if (!source) this.parts.matrix.clear(this.ramps);
    else if (before) this.#paintScores(arrays.scores.values);
    else
      this.#paintWeights(
        heads === "mean" ? this.#meanRows(arrays.attn.values) : this.arrays.maps.matrix(layer, head),
      );
  }

  // a mean has no scores of its own
  #isBefore() {
    return this.#state.matrix === "before" && this.#state.heads === "one";
  }

  #paintScores(scores) {
    const top = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    this.parts.matrix.paintScores(scores, { top, ramps: this.ramps });
  }

  #paintWeights(rows) {
    const { scale, steps } = this.#state;
    const top = scale === "shared" ? sharedTop(rows.rowTop) : null;
    this.parts.matrix.paintWeights(rows, { top, steps, ramps: this.ramps });
  }

  #meanRows(attn) {
    return quantiseRows(attn, this.tokens.numTokens, this.tokens.numPrefix);
  }

  #paintControls() {
    const { layer, head, direction, heads, ...rest } = this.#state;
    const mean = heads === "mean";
    const { depth, num_heads: numHeads } = this.data;
    this.parts.layer.set({ value: layer, count: depth });
    this.parts.head.set({
      value: head,
      count: numHeads,
      disabled: mean || numHeads === 1,
      text: mean ? "mean" : undefined,
    });
    this.parts.direction.set(direction);
    this.parts.options.heads.set(heads);
    for (const name of ["overlay", "scale", "steps", "matrix"]) this.parts.options[name].set(rest[name]);
    const stage = this.#isBefore() ? "before the softmax" : "after the softmax";
    setText(this.parts.matrixTitle, `${capital(where(this.#state))}, ${stage}`);
  }

  #paintMarks() {
    const [token, target] = [this.#current(), this.#target()];
    const { pinned, layer, head, heads, direction } = this.#state;
    const description = `${capital(this.tokens.spoken(token))} ${verb(direction)} these, ${where(this.#state)}`;
    this.parts.stage.mark({ token, target, pinned, description });
    this.parts.overview.mark({ layer, head: heads === "mean" ? null : head, description });
    const other = target === null ? {} : this.#cellOf(token, target);
    const line =
      direction === "to"
        ? { query: token, key: other.key ?? null }
        : { key: token, query: other.query ?? null };
    this.parts.matrix.mark({
      ...line,
      description: `${this.tokens.spoken(token)} ${verb(direction)} these.`,
    });
    setText(
      this.parts.caption,
      `${capital(this.tokens.label(token))} ${verb(direction)} · ${where(this.#state)}`,
    );
    this.#writeDetail(token, target);
  }

  #writeDetail(token, target) {
    const { pinned, direction } = this.#state;
    const hint = pinned
      ? "Pinned: move to read weights, click it again to let go."
      : "Move to look, click to pin, arrows to walk.";
    const weights = target === null ? null : this.#weights(token);
    setText(
      this.parts.detail,
      weights ? weightText(weights, target, { tokens: this.tokens, direction }) : hint,
    );
    setText(this.parts.cell, this.#cellText());
  }

  #cellText() {
    const cell = this.#hoveredCell ?? this.#state.cell;
    if (!cell) return "Move over the matrix to read a cell, click to open its arithmetic.";
    return cellText(cell, this.arrays.numbers?.arrays, { tokens: this.tokens, before: this.#isBefore() });
  }

  // ---- numbers

  /** Float32 weights (T,) of a token's row or column; null while they are on their way. */
  #weights(token) {
    if (!this.arrays.numbers?.arrays) return null;
    const { values } = this.arrays.numbers.arrays.attn;
    const T = this.tokens.numTokens;
    return this.#state.direction === "to"
      ? values.subarray(token * T, (token + 1) * T)
      : column(values, T, token);
  }

  #paintNumbers() {
    if (!this.arrays) return;
    const token = this.#current();
    const weights = this.#weights(token);
    const { direction } = this.#state;
    this.parts.readouts.write(weights, {
      tokens: this.tokens,
      token,
      direction,
      note: this.arrays.numbers?.note ?? "",
    });
    this.parts.stage.writeTiles(weights);
    this.#writeDetail(token, this.#target());
    this.#writeTable();
    this.#writeArithmetic();
  }

  #writeTable() {
    const { token, direction } = this.#state;
    const title = `What ${this.tokens.spoken(token)} ${verb(direction)}, ${where(this.#state)}`;
    const key = `${this.data.trace_id} ${title}`;
    this.parts.table.write(this.#weights(token), { tokens: this.tokens, title, key });
  }

  #writeArithmetic() {
    const { cell, heads } = this.#state;
    const { arrays, note } = this.arrays.numbers ?? {};
    const { arithmetic } = this.parts;
    const drawn = [cell?.query, cell?.key, where(this.#state), Boolean(arrays), this.data.trace_id].join();
    if (drawn === this.arithmeticDrawn && this.ramps === this.arithmeticRamps) return;
    this.arithmeticDrawn = drawn;
    this.arithmeticRamps = this.ramps;
    if (!cell) arithmetic.invite();
    else if (heads === "mean")
      arithmetic.invite("A mean has no query and key of its own: choose one head under More.");
    else if (!arrays) arithmetic.invite(note || "Fetching q and k …");
    else
      arithmetic.write(arrays, { cell, tokens: this.tokens, title: where(this.#state), ramps: this.ramps });
  }

  #speak() {
    clearTimeout(this.#speech);
    this.#speech = setTimeout(() => {
      const { token, cell, direction } = this.#state;
      const weights = this.#weights(token);
      const other = cell && (direction === "to" ? cell.key : cell.query);
      if (weights)
        setText(this.parts.live, speech(weights, { tokens: this.tokens, token, other, state: this.#state }));
    }, SPEAK_AFTER);
  }
}

function largest(values, from) {
  let most = 0;
  for (let i = from; i < values.length; i += 1) most = Math.max(most, values[i]);
  return most;
}
