import { Segments, Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatPercent } from "../shared/numbers.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { cssColor } from "../shared/ramps.js";
import { TokenGrid } from "../shared/tokens.js";
import { fromBase64, unpack } from "../shared/unpack.js";

const stageName = (layer) => (layer === 0 ? "Input" : `After layer ${layer}`);

/** The answer read off every layer's stream: the pooled one in a list, every patch's as a map over the photo. */
class LogitLens {
  #hovered = null;
  #pinned = null;

  constructor(root) {
    this.stage = new PhotoStage({
      hover: (token) => this.#change({ hovered: token }), pick: (token) => this.#pick(token),
      walk: (key) => this.#pick(this.tokens.walk(this.#pinned ?? this.tokens.numPrefix, key)),
      release: () => this.#pick(null),
    });
    this.slider = new Slider("Layer", (layer) => this.#change({ layer }));
    this.choice = make("div", {});
    this.caption = make("p", { className: "caption", role: "status" });
    this.scale = make("p", { className: "legend" });
    this.head = make("div", { className: "lens-row head" });
    this.list = make("div", { className: "lens-rows" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    root.append(
      make("div", { className: "controls" }, this.slider.element, this.choice),
      make("div", { className: "columns" },
        make("div", { className: "picture" }, this.stage.element, this.scale, this.caption, this.problem),
        make("div", { className: "story" }, this.head, this.list)),
    );
  }

  update(data, ramps) {
    const isNew = this.data?.payload !== data.payload;
    Object.assign(this, { data, ramps });
    if (isNew) this.#arrive();
    this.#paint();
  }

  #arrive() {
    const { data } = this;
    this.arrays = unpack(fromBase64(data.payload)).arrays;
    [this.stages, this.count, this.classes] = this.arrays.tokens.shape;
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: data.prefix_names });
    this.layer = this.stages - 1;
    this.chosen = 0;
    [this.#hovered, this.#pinned] = [null, null];
    this.picker = new Segments("Class", Object.fromEntries(data.labels.map((label, i) => [`c${i}`, label])), (value) =>
      this.#change({ chosen: Number(value.slice(1)) }));
    this.choice.replaceChildren(this.picker.element);
    this.list.replaceChildren(...Array.from({ length: this.stages }, (_, layer) => this.#row(layer)));
    this.stage.setTokens(this.tokens, data.alt);
    this.stage.fetchPhoto(data.source, (sentence) => {
      setText(this.problem, sentence);
      this.problem.hidden = false;
    });
  }

  #row(layer) {
    const row = make(
      "button", { type: "button", className: "lens-row" },
      make("span", { className: "number where" }, stageName(layer)), make("span", { className: "name" }),
      make("span", { className: "number best" }),
      make("span", { className: "bar" }, make("span", { className: "fill" })), make("span", { className: "number now" }),
    );
    row.addEventListener("click", () => this.#change({ layer }));
    return row;
  }

  #change(change) {
    if ("hovered" in change) {
      if (change.hovered === this.#hovered) return;
      this.#hovered = change.hovered;
    }
    Object.assign(this, change);
    this.#paint();
  }

  #pick(token) {
    this.#pinned = token === this.#pinned ? null : token;
    this.#paint();
  }

  /** p(class in view) of one token, or pooled where token is null. */
  #prob(layer, token) {
    const { tokens, pooled } = this.arrays;
    return token === null
      ? pooled.values[layer * this.classes + this.chosen]
      : tokens.values[(layer * this.count + token) * this.classes + this.chosen];
  }

  #probs(layer) {
    return Float32Array.from({ length: this.count }, (_, token) => this.#prob(layer, token));
  }

  /** The largest of any patch in any layer: maps of all layers share one scale. */
  #top() {
    const stages = Array.from({ length: this.stages }, (_, layer) => this.#probs(layer).subarray(this.tokens.numPrefix));
    return stages.reduce((most, probs) => probs.reduce((top, value) => Math.max(top, value), most), 0);
  }

  #paint() {
    const { data, layer, ramps, tokens } = this;
    const token = this.#hovered ?? this.#pinned;
    this.slider.set({ value: layer, count: this.stages, text: layer === 0 ? "input" : `${layer} of ${this.stages - 1}` });
    this.picker.set(`c${this.chosen}`);
    const top = this.#top();
    const weights = this.#probs(layer);
    this.stage.paint(weights, { top, steps: "linear", table: ramps.heat, ramp: ramps.attention });
    this.stage.writeTiles(weights);
    const who = token === null ? data.pooled_name : tokens.spoken(token);
    this.stage.mark({ token, target: null, pinned: this.#pinned !== null && this.#hovered === null, description: who });
    this.stage.stage.setAttribute("aria-label", `${data.alt} ${tokens.rows} × ${tokens.cols} patches. Arrow keys walk, Escape lets go.`);
    this.#legend(top, weights.subarray(0, tokens.numPrefix));
    const label = data.labels[this.chosen];
    setText(this.caption, `${label}, read from ${token === null ? data.pooled_name : tokens.label(token)}: ${formatPercent(this.#prob(layer, token))}`);
    this.#writeRows(token, label);
  }

  /** The darkest colour is the largest of any patch; what a prefix token has beyond it wears it, too. */
  #legend(top, prefix) {
    const stops = [0, 64, 128, 192, 255].map((tone) => cssColor(this.ramps.attention[tone])).join(", ");
    const bar = make("span", { className: "legend-bar" });
    bar.style.background = `linear-gradient(to right, ${stops})`;
    const above = this.data.prefix_names.filter((_name, i) => prefix[i] > top);
    const more = above.length ? ` and more (${above.join(", ")}); no patch in any layer has more` : ", the most of any patch in any layer";
    this.scale.replaceChildren("0%", bar, `${formatPercent(top)}${more}`);
  }

  #writeRows(token, label) {
    const read = token === null ? this.data.pooled_name : this.tokens.label(token);
    this.head.replaceChildren(
      make("span", {}, "Read"), make("span", {}, `Most probable, ${this.data.pooled_name}`), make("span", {}),
      make("span", { className: "wide" }, `${label}, ${read}`),
    );
    [...this.list.children].forEach((row, layer) => {
      const { label: best, prob } = this.data.best[layer];
      const own = this.#prob(layer, token);
      setText(row.querySelector(".name"), best);
      setText(row.querySelector(".best"), formatPercent(prob));
      setText(row.querySelector(".now"), formatPercent(own));
      row.querySelector(".fill").style.width = `${100 * own}%`;
      row.classList.toggle("held", layer === this.layer);
      row.setAttribute("aria-pressed", String(layer === this.layer));
    });
  }
}

export default entry(LogitLens, "prediction logit-lens");
