import { RouteSource } from "../shared/route_source.js";
import { DistancePlot } from "../distance/distance_plot.js";
import { make, setText } from "../shared/dom.js";
import { mass, strongestFew } from "../shared/measures.js";
import { formatPercent, formatWeight } from "../shared/numbers.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { TokenGrid } from "../shared/tokens.js";

/** One of the two: photo, map, dots, answers. `on` is {hover, pick, walk, hoverHead, pickHead, walkHead}. */
export class CompareSide {
  #head = null;
  #rollout = null;

  constructor(on) {
    this.title = make("h3", {});
    this.subtitle = make("p", { className: "subtitle" });
    this.stage = new PhotoStage({ hover: on.hover, pick: (token) => token !== null && on.pick(token), walk: on.walk, release: () => {} });
    this.where = make("p", { className: "line" });
    this.most = make("p", { className: "line" });
    this.even = make("p", { className: "line quiet" });
    this.plot = new DistancePlot({ hover: on.hoverHead, pick: on.pickHead, walk: on.walkHead });
    this.dotRead = make("p", { className: "line" });
    this.answers = make("ol", { className: "answers" });
    const part = (className, ...children) => make("div", { className: `part ${className}` }, ...children);
    this.parts = [
      part("head", this.title, this.subtitle),
      part("answer", this.answers),
      part("map", this.stage.element, this.where, this.most, this.even),
      part("plot", this.plot.element, this.dotRead),
    ];
  }

  /** Take another trace's facts; what is on its way for the one before is dropped. */
  load(facts, routes) {
    this.source?.close();
    this.facts = facts;
    this.tokens = new TokenGrid({ grid: facts.grid, patchSize: facts.patch_size, prefixNames: facts.prefix_names });
    this.source = new RouteSource({ routes, traceId: facts.trace_id });
    this.#head = this.#rollout = null;
    this.stage.setTokens(this.tokens, facts.alt);
    this.stage.clear();
    this.#writeAnswers();
  }

  /** What tells this side from the other; it changes with the other. */
  name({ title, subtitle }) {
    setText(this.title, title);
    setText(this.subtitle, subtitle);
    this.plot.name(`Attention distance of ${title}, one dot per head. Arrow keys walk, Enter picks.`);
  }

  close() {
    this.source?.close();
  }

  async photo() {
    const { source } = this;
    const bitmap = await createImageBitmap(await source.photo());
    if (source === this.source) this.stage.setPhoto(bitmap);
  }

  /** Fetch attention of a head, and of a token's rollout row if asked; true if something new is here. */
  async fetch({ layer, head }, rolloutOf) {
    const { source } = this;
    const wants = [];
    if (this.#head?.layer !== layer || this.#head.head !== head) {
      wants.push(source.head(layer, head).then(({ arrays }) => source === this.source && (this.#head = { layer, head, attn: arrays.attn.values })));
    }
    if (rolloutOf !== null && this.#rollout?.token !== rolloutOf) {
      wants.push(source.rollout([rolloutOf, rolloutOf]).then(({ arrays }) => this.#keepRollout(source, rolloutOf, arrays.rollout.values)));
    }
    await Promise.all(wants);
    return wants.length > 0 && source === this.source;
  }

  /** Of the rows after each layer only the last is shown. */
  #keepRollout(source, token, rows) {
    if (source === this.source) this.#rollout = { token, row: rows.subarray(rows.length - this.tokens.numTokens) };
  }

  /** (T,) weights of a token, or null where they are not here yet. */
  row({ token, layer, head }, map) {
    if (token === null) return null;
    if (map === "rollout") return this.#rollout?.token === token ? this.#rollout.row : null;
    if (this.#head?.layer !== layer || this.#head.head !== head) return null;
    const T = this.tokens.numTokens;
    return this.#head.attn.subarray(token * T, (token + 1) * T);
  }

  /** Largest weight on a patch. */
  top(row) {
    return row.subarray(this.tokens.numPrefix).reduce((a, b) => Math.max(a, b), 0);
  }

  paint(row, place, { top, ramps, map }) {
    if (row) this.stage.paint(row, { top, steps: "linear", table: ramps.heat, ramp: ramps.attention });
    else this.stage.clear();
    this.stage.writeTiles(row);
    this.#write(row, place, top, map);
  }

  #write(row, { token, layer, head }, top, map) {
    const { tokens } = this;
    const shown = map === "rollout" ? "rollout through all layers" : `layer ${layer + 1}, head ${head + 1}`;
    this.stage.mark({
      token: token ?? 0, target: null, pinned: true,
      description: token === null ? "It has no such token" : `${tokens.spoken(token)}, ${shown}`,
    });
    this.stage.currentMark.hidden = token === null || tokens.isPrefix(token);
    if (token === null) {
      setText(this.where, "This model has no such token.");
      setText(this.most, "");
      setText(this.even, "");
      return;
    }
    setText(this.where, `${tokens.label(token)}, ${shown}`);
    if (!row) return;
    const [best] = strongestFew(row, 1);
    const parts = [`most on ${tokens.label(best)}: ${formatPercent(row[best])}`];
    const isTold = best === 0 && tokens.numPrefix === 1; // its weight is all that lies on prefix tokens
    if (tokens.numPrefix > 0 && !isTold) parts.push(`${formatPercent(mass(row, tokens.numPrefix))} on ${tokens.prefixTitle}`);
    setText(this.most, parts.join(" · "));
    const even = 1 / tokens.numTokens;
    setText(this.even, `full colour at ${formatWeight(top)}, ${(top / even).toFixed(1)} times an even share of ${formatWeight(even)}`);
  }

  #writeAnswers() {
    const { answers, no_answer: reason } = this.facts;
    if (answers.length === 0) {
      this.answers.replaceChildren(make("li", { className: "quiet" }, reason));
      return;
    }
    this.answers.replaceChildren(...answers.map(({ label, prob }) => {
      const fill = make("span", { className: "fill" });
      fill.style.width = `${100 * prob}%`;
      return make("li", {}, make("span", {}, label), make("span", { className: "number" }, formatPercent(prob)), make("span", { className: "bar" }, fill));
    }));
  }

  // ---- dots, in shares of the picture's width, so that sizes compare

  get #percent() {
    return 100 / (this.facts.grid[1] * this.facts.patch_size[1]);
  }

  paintDots({ top, layers }) {
    const { depth, num_heads: numHeads, distance, prefix_mass: onPrefix, uniform } = this.facts;
    const dots = [];
    for (let layer = 0; layer < depth; layer += 1) {
      for (let head = 0; head < numHeads; head += 1) {
        dots.push({ layer, head, numHeads, value: distance[layer][head] * this.#percent, error: null, mass: onPrefix[layer][head] });
      }
    }
    this.plot.draw({
      layers, numHeads, dots, beside: null, top, hasPrefix: false, prefixName: "", uniform: uniform * this.#percent, field: null, band: null,
    });
  }

  markDots(chosen, hovered) {
    this.plot.mark({ chosen, hovered });
    const { layer, head } = hovered ?? chosen;
    const pixels = this.facts.distance[layer][head];
    setText(this.dotRead, `layer ${layer + 1}, head ${head + 1}: ${(pixels * this.#percent).toFixed(1)}% of the width, ${pixels.toFixed(1)} px`);
  }

  /** The farthest of all dots and lines, in percent of the width. */
  get farthest() {
    return Math.max(this.facts.uniform, ...this.facts.distance.flat()) * this.#percent;
  }
}
