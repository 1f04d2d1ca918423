import { Segments, Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { LineChart } from "../shared/line_chart.js";
import { NormMaps } from "./norm_maps.js";
import { fixed, formatPercent } from "../shared/numbers.js";
import { entry } from "../shared/mount.js";
import { cssColor } from "../shared/ramps.js";
import { SelectionReport, isWithin } from "../shared/selection.js";
import { TokenGrid } from "../shared/tokens.js";
import { fromBase64, unpack } from "../shared/unpack.js";
import { capital } from "../shared/wording.js";
import { byHand } from "../shared/hand_words.js";

/** The stream by depth: lengths of all tokens as maps, and what attention and MLP add to the followed one. */
class StreamView {
  #state = { token: 0, layer: 0, head: 0, scale: "own" };
  #hovered = null;
  #hoveredDepth = null;

  constructor(root, { tell }) {
    this.report = new SelectionReport((selection) => tell("selection", selection));
    this.layer = new Slider("Layer", (layer) => this.#settle({ layer }));
    this.scale = new Segments("Grey scale", { own: "each its own", shared: "one for all, from 0" }, (scale) => this.#change({ scale }));
    this.maps = new NormMaps({
      hover: (token) => this.#hover(token),
      pick: (token) => this.#settle({ token }),
      walk: (key) => this.#settle({ token: this.tokens.walk(this.#state.token, key) }),
    });
    const chart = {
      hover: (depth) => this.#hoverDepth(depth),
      pick: (depth) => this.#settle({ layer: Math.max(0, depth - 1) }),
    };
    this.lengths = new LineChart("Length of the row, and of what is added to it", chart);
    this.cosines = new LineChart("Cosine of what is added with the row it is added to", chart);
    this.heading = make("h3", { "aria-live": "polite" });
    this.readout = make("p", { className: "readout" });
    this.low = make("span", { className: "bar" });
    this.top = make("span", {});
    this.legend = make("p", { className: "legend" }, "0", this.low, this.top);
    this.key = colourKey();
    this.sinks = make("p", { className: "note" });
    root.append(
      make("div", { className: "controls" }, this.layer.element, this.scale.element),
      make("p", { className: "maps-title" }, byHand("How long every token's row is, layer by layer: click one to follow it")),
      this.maps.element, make("div", { className: "under" }, this.legend, this.sinks),
      this.heading, this.key, make("div", { className: "charts" }, this.lengths.element, this.cosines.element), this.readout,
    );
  }

  close() {
    this.report.cancel();
  }

  drawing() {
    const charts = [this.lengths, this.cosines].map((chart) => chart.element);
    const all = (selector) => charts.flatMap((chart) => [...chart.querySelectorAll(selector)]);
    return { svgs: all("svg"), texts: [this.heading, this.key, ...all("figcaption"), this.readout] };
  }

  /** Take the facts of a trace, a selection, or a new theme. */
  update(data, ramps) {
    this.ramps = ramps;
    const { grey } = ramps;
    this.low.style.background = `linear-gradient(to right, ${cssColor(grey[0])}, ${cssColor(grey[255])})`;
    if (this.data?.payload !== data.payload) this.#load(data);
    this.data = data;
    const told = this.report.isNews(data.selection);
    this.#change(told || !isWithin(this.#state, data) ? data.selection : {});
  }

  #load(data) {
    this.arrays = Object.fromEntries(Object.entries(unpack(fromBase64(data.payload)).arrays).map(([name, { values }]) => [name, values]));
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: data.prefix_names });
    this.depth = data.depth;
    this.maps.setTokens(this.tokens, data);
    setText(this.sinks, data.sinks_note);
    this.#hovered = this.#hoveredDepth = null;
  }

  #change(changes) {
    Object.assign(this.#state, changes);
    this.#paintMaps();
    this.#paintToken();
  }

  #settle(changes) {
    this.#hovered = null;
    this.#change(changes);
    this.report.settle(this.#state);
  }

  #hover(token) {
    if (token === this.#hovered) return;
    this.#hovered = token;
    this.#paintToken();
  }

  #hoverDepth(depth) {
    if (depth === this.#hoveredDepth) return;
    this.#hoveredDepth = depth;
    this.#paintToken();
  }

  #paintMaps() {
    const { scale, layer } = this.#state;
    const T = this.tokens.numTokens;
    const { resid } = this.arrays;
    const maps = Array.from({ length: this.depth + 1 }, (_, at) => resid.subarray(at * T, (at + 1) * T));
    const own = scale === "own";
    const most = Math.max(...resid);
    const lows = maps.map((lengths) => (own ? Math.min(...lengths) : 0));
    this.maps.paint(resid, lows, maps.map((lengths) => (own ? Math.max(...lengths) : most)), this.ramps);
    this.layer.set({ value: layer, count: this.depth });
    this.scale.set(scale);
    setText(this.low.previousSibling, own ? "the shortest row of each map" : "0");
    const names = this.tokens.numPrefix > 1 ? `; squares: ${this.tokens.prefixNames.join(", ")}` : "";
    setText(this.top, `${own ? "its longest row" : `${most.toFixed(2)}, length of a token's row`}${names}`);
  }

  #line(name, token) {
    const T = this.tokens.numTokens;
    const values = this.arrays[name];
    return Array.from({ length: values.length / T }, (_, at) => values[at * T + token]);
  }

  #paintToken() {
    const token = this.#hovered ?? this.#state.token;
    const lines = Object.fromEntries(["resid", "middle", "attn", "mlp", "attn_cos", "mlp_cos"].map((name) => [name, this.#line(name, token)]));
    const depth = this.#hoveredDepth ?? this.#state.layer + 1;
    const shared = { depth: this.depth, marked: depth };
    const parts = [
      { kind: "attention", values: lines.attn, first: 1 },
      { kind: "mlp", values: lines.mlp, first: 1 },
    ];
    const top = Math.max(...lines.resid, ...lines.attn, ...lines.mlp);
    this.lengths.write({ ...shared, domain: [0, top * 1.04], series: [{ kind: "resid", values: lines.resid, first: 0 }, ...parts] });
    const cosines = parts.map((part, i) => ({ ...part, values: i === 0 ? lines.attn_cos : lines.mlp_cos }));
    this.cosines.write({ ...shared, domain: [-1, 1], series: cosines });
    const name = this.tokens.label(token);
    setText(this.heading, `${capital(name)} through the layers`);
    const said = sentence(lines, depth);
    setText(this.readout, said);
    this.maps.mark(token, this.#state.layer + 1, `${capital(name)}. ${said}`);
  }
}

function sentence(lines, depth) {
  if (depth === 0) return `The encoder's input has length ${lines.resid[0].toFixed(2)}.`;
  const at = depth - 1;
  const part = (name, word, to, after) =>
    `${word} adds ${lines[name][at].toFixed(2)} (${formatPercent(lines[name][at] / to)}) at cosine ${fixed(lines[`${name}_cos`][at], 3)}, ` +
    `which makes ${after.toFixed(2)}`;
  const [before, middle, after] = [lines.resid[at], lines.middle[at], lines.resid[depth]];
  return `Layer ${depth}: length ${before.toFixed(2)}; ${part("attn", "attention", before, middle)}; ${part("mlp", "MLP", middle, after)}.`;
}

function colourKey() {
  const part = (kind, text) => make("span", { className: `entry ${kind}` }, text);
  return make("p", { className: "key" }, part("resid", "residual stream"), part("attention", "attention's part"), part("mlp", "MLP's part"));
}

export default entry(StreamView, "stream");
