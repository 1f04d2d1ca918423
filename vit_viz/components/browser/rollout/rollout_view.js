import { RouteSource, sentenceOf } from "../shared/route_source.js";
import { Segments, Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { strongestFew } from "../shared/measures.js";
import { entry } from "../shared/mount.js";
import { BuildUp, RolloutMap, sumsText, valueText } from "./rollout_map.js";
import { SelectionReport, hasToken } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";
import { capital } from "../shared/wording.js";
import { byHand } from "../shared/hand_words.js";

const SETTINGS = ["fusion", "residual", "discard", "start"];
const QUIET = 400; // milliseconds without a change of the settings before Python is told
const UNPICKED = 0; // the token that all pages look at first
const FRAME = 700; // milliseconds a layer stays while playing
const MOST_DISCARDED = 95; // percent
const COPIED =
  "A script that many repositories carry looks for the weakest weights in the whole matrix instead of in each row, " +
  "and divides by row sums that lie along the wrong axis.";
const HARMLESS = "With mean heads and nothing discarded every row sums to 1 before that, so both agree. Take max, or discard some.";

/** The laboratory below one element: its settings, the rows they lead to, and where in the layers it stands. */
class RolloutView {
  #state = {
    from: "read", layer: 0, fusion: "mean", residual: 50, discard: 0, start: 0, beside: "raw", look: "patches", scale: "zero",
  };
  #rows = null;
  #hovered = null;
  #busy = false;
  #stale = false;
  #timer = null;

  constructor(root, { tell }) {
    this.root = root;
    this.report = new SelectionReport((selection) => tell("selection", selection));
    this.settings = new SelectionReport((settings) => tell("settings", settings), QUIET, SETTINGS);
    this.#layOut();
  }

  #layOut() {
    const settings = (name) => (value) => this.#set({ [name]: value });
    const look = (name) => (value) => this.#show({ [name]: value });
    const photo = {
      hover: (token) => this.#hover(token),
      pick: (token) => this.#from(token ?? this.#token()),
      walk: (key, isLayer) => this.#walk(key, isLayer),
      release: () => this.#from("read"),
    };
    this.maps = { rollout: new RolloutMap(photo), beside: new RolloutMap(photo) };
    this.buildUp = new BuildUp({ pick: (layer) => this.#stop({ layer }) });
    this.play = make("button", { type: "button", className: "play" }, "Play");
    this.play.addEventListener("click", () => this.#toggle());
    this.controls = {
      layer: new Slider("After layer", (layer) => this.#stop({ layer: layer - this.#state.start })),
      fusion: new Segments("Heads", { mean: "mean", max: "max", min: "min" }, settings("fusion")),
      residual: new Slider("Residual share", settings("residual")),
      discard: new Slider("Discard weakest", settings("discard")),
      start: new Slider("Start at layer", (start) => this.#restart(start)),
      beside: new Segments("Beside it", { raw: "attention of this layer alone", copied: "what the common bug does" }, settings("beside")),
      look: new Segments("Over the photo", { patches: "patches", paper: "as in the paper" }, look("look")),
      scale: new Segments("Scale", { zero: "from 0", smallest: "from the smallest patch" }, look("scale")),
    };
    this.fromTitle = make("strong", {});
    this.back = make("button", { type: "button" });
    this.back.addEventListener("click", () => this.#from("read"));
    this.from = make("div", { className: "from" }, "Seen from ", this.fromTitle, byHand(". Click a patch to see from there. "), this.back);
    this.note = make("p", { className: "note" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.live = make("div", { className: "unseen", role: "status", "aria-live": "polite" });
    this.root.append(this.problem, this.#content(), this.live);
  }

  #content() {
    const { layer, fusion, residual, discard, start, beside, look, scale } = this.controls;
    const more = make(
      "details", { className: "more" }, make("summary", {}, "More"),
      make("div", { className: "options-row" }, discard.element, start.element, look.element, scale.element),
    );
    const playing = make("div", { className: "playing" }, this.play, layer.element);
    const controls = make("div", { className: "controls" }, playing, fusion.element, residual.element, more);
    const pictures = make("div", { className: "pictures" }, this.maps.rollout.element, this.maps.beside.element);
    this.maps.beside.element.prepend(beside.element);
    this.maps.rollout.element.prepend(this.from);
    this.content = make("div", {}, controls, pictures, this.note, this.buildUp.element);
    return this.content;
  }

  /** Take the facts of a trace, a selection, or a new theme. */
  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    const told = this.report.isNews(data.selection);
    const set = this.settings.isNews(data.settings);
    const { from } = this.#state;
    Object.assign(this, { data, ramps });
    if (told || !(from === "read" || hasToken(from, data))) this.#state.from = this.#shared(data.selection.token);
    if (set && isNew) Object.assign(this.#state, data.settings);
    if (isNew) this.#load();
    else if (told) this.#set({});
    else this.#paint();
  }

  close() {
    this.source?.close();
    this.report.cancel();
    clearInterval(this.#timer);
    this.settings.cancel();
  }

  #load() {
    const { data } = this;
    this.source?.close();
    clearInterval(this.#timer);
    this.#timer = null;
    this.#rows = this.#hovered = null;
    this.#busy = false;
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: data.prefix_names });
    this.source = new RouteSource({ routes: data.routes, traceId: data.trace_id });
    this.#state.layer = data.depth - 1 - this.#state.start;
    for (const map of Object.values(this.maps)) map.stage.setTokens(this.tokens, data.alt);
    this.#wantPhoto(this.source);
    this.#ask();
  }

  // the token the other pages look at; where nobody picked one, what the answer is read from
  #shared(token) {
    return token === UNPICKED ? "read" : token;
  }

  async #wantPhoto(source) {
    await this.#guard(source, async () => {
      const bitmap = await createImageBitmap(await source.photo());
      if (source === this.source) Object.values(this.maps).forEach((map) => map.stage.setPhoto(bitmap));
    });
  }

  // ---- rows from Python: one request at a time, the newest wish next

  async #ask() {
    if (this.#busy) {
      this.#stale = true;
      return;
    }
    this.#busy = true;
    this.#stale = false;
    const { source } = this;
    const asked = { ...this.#state };
    await this.#guard(source, async () => {
      const { arrays } = await source.rollout(this.#range(), this.#query());
      if (source !== this.source) return;
      this.#rows = { ...arrays, asked };
      this.buildUp.setTokens(this.tokens, this.#layers(), asked.start);
      this.#state.layer = Math.min(this.#state.layer, this.#layers() - 1);
      this.#paint();
      this.#speak();
    });
    if (source !== this.source) return;
    this.#busy = false;
    if (this.#stale) this.#ask();
  }

  #range() {
    const { from } = this.#state;
    return from === "read" ? this.data.read : [from, from];
  }

  #query() {
    const { fusion, residual, discard, start, beside } = this.#state;
    return { fusion, residual, discard, start, copied: beside === "copied" ? 1 : 0 };
  }

  async #guard(source, work) {
    try {
      await work();
      if (source === this.source) this.problem.hidden = true;
    } catch (error) {
      if (source !== this.source || error.name === "AbortError") return;
      setText(this.problem, sentenceOf(error, "rollout"));
      this.problem.hidden = false;
    }
  }

  // ---- what the reader does

  #set(changes) {
    Object.assign(this.#state, changes);
    this.#paintControls();
    this.#ask();
    this.settings.settle(this.#state);
  }

  #show(changes) {
    Object.assign(this.#state, changes);
    this.#paint();
  }

  #stop(changes) {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#show(changes);
    this.#speak();
  }

  #restart(start) {
    const last = this.#state.start + this.#state.layer;
    this.#set({ start, layer: Math.max(0, last - start) });
  }

  #from(from) {
    this.#set({ from });
    this.report.settle({ ...this.data.selection, token: from === "read" ? UNPICKED : from });
  }

  #token() {
    return this.#state.from === "read" ? this.data.read[0] : this.#state.from;
  }

  #walk(key, isLayer) {
    if (!isLayer) this.#from(this.tokens.walk(this.#token(), key));
    else if (key === "ArrowLeft") this.#stop({ layer: Math.max(0, this.#state.layer - 1) });
    else if (key === "ArrowRight") this.#stop({ layer: Math.min(this.#layers() - 1, this.#state.layer + 1) });
  }

  #hover(token) {
    if (token === this.#hovered) return;
    this.#hovered = token;
    this.#paintLines();
  }

  #toggle() {
    if (this.#timer !== null) {
      this.#stop({});
      return;
    }
    const atEnd = this.#state.layer === this.#layers() - 1;
    this.#timer = setInterval(() => this.#tick(), FRAME);
    this.#show(atEnd ? { layer: 0 } : {});
  }

  #tick() {
    const layer = this.#state.layer + 1;
    if (layer < this.#layers() - 1) this.#show({ layer });
    else this.#stop({ layer: this.#layers() - 1 });
  }

  // ---- painting

  #layers() {
    return this.#rows ? this.#rows.rollout.shape[0] : this.data.depth - this.#state.start;
  }

  #row(name) {
    const { values, shape } = this.#rows[name];
    const { layer } = this.#state;
    return values.subarray(layer * shape[1], (layer + 1) * shape[1]);
  }

  /** What lies beside the rollout: the layer's own attention, or the copied script's rollout once it has come. */
  #beside() {
    return this.#state.beside === "copied" && this.#rows.copied ? "copied" : "raw";
  }

  #paint() {
    this.#paintControls();
    if (!this.#rows) return;
    const { look, scale: from } = this.#state;
    this.maps.rollout.paint(this.#row("rollout"), { look, from, ramps: this.ramps });
    this.maps.beside.paint(this.#row(this.#beside()), { look, from, ramps: this.ramps });
    this.buildUp.paint(this.#rows.rollout.values, from, this.ramps.attention);
    this.buildUp.mark(this.#state.layer);
    this.#paintTitles();
    this.#paintLines();
  }

  #paintTitles() {
    const { start, fusion } = this.#rows.asked;
    const number = start + this.#state.layer + 1;
    const first = start > 0 ? `layers ${start + 1} to ${number}` : `layer ${number}`;
    setText(this.maps.rollout.title, `Rollout after ${first}`);
    const heads = this.data.num_heads > 1 ? `, ${fusion} of its ${this.data.num_heads} heads` : "";
    const harmless = fusion === "mean" && this.#rows.asked.discard === 0;
    const copied = `The common bug after ${first}${harmless ? ": the same until something is discarded" : ""}`;
    const beside = { raw: `Attention of layer ${number} alone${heads}`, copied };
    setText(this.maps.beside.title, beside[this.#beside()]);
    setText(this.note, this.#beside() === "copied" ? `${COPIED} ${harmless ? HARMLESS : ""}` : "");
  }

  #paintLines() {
    if (!this.#rows) return;
    for (const [place, name] of Object.entries({ rollout: "rollout", beside: this.#beside() })) {
      const [row, map] = [this.#row(name), this.maps[place]];
      const shown = this.#hovered ?? this.#strongest(row);
      const reading = valueText(row, shown, this.tokens);
      const strongest = row[shown] > 0 ? `Strongest: ${reading}` : "Nothing comes from any patch.";
      setText(map.lines[0], this.#hovered === null ? strongest : capital(reading));
      setText(map.lines[1], this.#sums(name, row));
      map.stage.mark({ token: this.#marked(), target: this.#hovered, pinned: true, description: this.#description() });
      map.stage.stage.setAttribute("aria-label", `${map.title.textContent}. ${this.#description()}`);
    }
  }

  #sums(name, row) {
    const { layer } = this.#state;
    const sums = { rollout: "sums", copied: "copied_sums" }[name];
    const sum = row.reduce((a, b) => a + b, 0);
    if (!sums) return `Sums to ${sum.toFixed(6)}`;
    return sumsText(sum, this.#rows[sums].values.subarray(2 * layer, 2 * layer + 2));
  }

  #strongest(row) {
    return strongestFew(row.subarray(this.tokens.numPrefix), 1)[0] + this.tokens.numPrefix;
  }

  #marked() {
    const [first, last] = this.#range();
    return first === last ? first : null;
  }

  #description() {
    const { rows, cols } = this.tokens;
    return (
      `${this.data.alt} ${rows} × ${cols} patches, seen from ${this.#fromTitle()}. Arrow keys walk, ` +
      `Escape goes back to ${this.data.read_title}; Shift with left and right changes the layer.`
    );
  }

  #fromTitle() {
    return this.#state.from === "read" ? this.data.read_title : this.tokens.label(this.#state.from);
  }

  #paintControls() {
    const [state, { controls }, { depth }] = [this.#state, this, this.data];
    controls.layer.set({ value: state.start + state.layer, count: depth });
    controls.residual.set({ value: state.residual, count: 101, text: (state.residual / 100).toFixed(2) });
    controls.discard.set({ value: state.discard, count: MOST_DISCARDED + 1, text: `${state.discard}%` });
    controls.start.set({ value: state.start, count: depth });
    for (const name of ["fusion", "beside", "look", "scale"]) controls[name].set(state[name]);
    setText(this.play, this.#timer === null ? "Play" : "Pause");
    this.#paintFrom();
  }

  #paintFrom() {
    const { read, read_title: title } = this.data;
    const isRead = this.#state.from === "read" || read.every((token) => token === this.#state.from);
    this.back.hidden = isRead;
    setText(this.back, `Back to ${title}`);
    setText(this.fromTitle, isRead ? `${title}, which the answer is read from` : this.#fromTitle());
  }

  #speak() {
    if (!this.#rows || this.#timer !== null) return;
    const row = this.#row("rollout");
    setText(this.live, `${this.maps.rollout.title.textContent}, seen from ${this.#fromTitle()}: strongest ${valueText(row, this.#strongest(row), this.tokens)}.`);
  }
}

export default entry(RolloutView, "explorer rollout");
