import { Segments } from "../shared/controls.js";
import { keepCount, make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { cssColor } from "../shared/ramps.js";
import { answerOf, sentenceOf } from "../shared/route_source.js";
import { cellAt, middleOf, TilePanel } from "./tile_panel.js";
import { SelectionReport } from "../shared/selection.js";
import { unpack } from "../shared/unpack.js";
import { within } from "../shared/within.js";

/** Panels side by side that follow one place; data arrives when the panels come into sight. */
class PositionTiles {
  panels = [];
  #place = [0.5, 0.5];
  #hovered = null;
  #cell = null;
  #ownScale = false;

  constructor(root, { tell }) {
    this.report = new SelectionReport(({ patch }) => tell("patch", patch), undefined, ["patch"]);
    this.row = make("div", { className: "panels" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.bar = make("span", { className: "bar" });
    const legend = make("p", { className: "legend" }, "−1 opposite", this.bar, "1 the same (cosine)");
    root.append(this.problem, this.row, legend);
    this.sight = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#load();
    });
    this.sight.observe(root);
  }

  close() {
    this.sight.disconnect();
    this.report.cancel();
  }

  update(data, ramps) {
    const isNewGrid = String(this.data?.grid) !== String(data.grid);
    Object.assign(this, { data, ramps });
    keepCount(this.panels, data.panels.length, this.row, () => new TilePanel(this.#handlers()));
    this.row.classList.toggle("single", this.panels.length === 1);
    this.panels.forEach((panel, i) => panel.describe(data.panels[i]));
    if (data.scales && !this.scale) this.#offerScales();
    if (this.report.isNews(data) || isNewGrid) {
      const [, cols] = data.grid;
      this.#place = middleOf({ row: Math.floor(data.patch / cols), col: data.patch % cols }, data.grid);
    }
    this.#paint();
    if (this.seen) this.#load();
  }

  #offerScales() {
    const scales = { own: "each its own", shared: "one for all, −1 to 1" };
    this.scale = new Segments("Colours", scales, (scale) => {
      this.#ownScale = scale === "own";
      this.panels.forEach((panel, i) => panel.describe(this.data.panels[i]));
      this.#paint();
    });
    this.scale.element.classList.add("scales");
    this.problem.after(this.scale.element);
    this.#ownScale = true;
    this.scale.set("own");
  }

  #paint() {
    const { signed } = this.ramps;
    const tones = this.#ownScale ? [128, 160, 192, 224, 255] : [0, 64, 128, 191, 255];
    this.bar.style.background = `linear-gradient(to right, ${tones.map((i) => cssColor(signed[i])).join(", ")})`;
    setText(this.bar.parentElement.firstChild, this.#ownScale ? "the least of each" : "−1 opposite");
    for (const panel of this.panels) {
      panel.ownScale = this.#ownScale;
      panel.paint(this.ramps);
    }
    this.#show();
  }

  #handlers() {
    return {
      hover: (place) => this.#change(() => (this.#hovered = place)),
      cell: (place) => this.#change(() => (this.#cell = place)),
      pick: (place) => this.#pick(place),
      walk: (key, grid) => this.#walk(key, grid),
    };
  }

  #change(apply) {
    apply();
    this.#show();
  }

  #pick(place) {
    this.#place = place;
    this.#hovered = null;
    this.#show();
    if (!this.data.reports) return;
    const { row, col } = cellAt(place, this.data.grid);
    this.report.settle({ patch: row * this.data.grid[1] + col });
  }

  #walk(key, grid) {
    const { row, col } = cellAt(this.#place, grid);
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    const next = { row: within(row + down, grid[0]), col: within(col + right, grid[1]) };
    this.#pick(middleOf(next, grid));
  }

  #show() {
    for (const panel of this.panels) panel.show(this.#hovered ?? this.#place, this.#cell);
  }

  #load() {
    this.seen = true;
    this.panels.forEach((panel, i) => {
      const { source } = this.data.panels[i];
      if (panel.source === source) return;
      panel.source = source;
      this.#fetch(panel, source);
    });
  }

  async #fetch(panel, source) {
    try {
      const response = await answerOf(source);
      const { meta, arrays } = unpack(await response.arrayBuffer());
      if (panel.source !== source) return; // another model was chosen meanwhile
      panel.setValues(arrays.similarity.values, meta.grid);
      panel.ownScale = this.#ownScale;
      panel.paint(this.ramps);
      this.problem.hidden = true;
      this.#show();
    } catch (error) {
      if (panel.source !== source) return;
      panel.source = null;
      setText(this.problem, sentenceOf(error, "positions"));
      this.problem.hidden = false;
    }
  }
}

export default entry(PositionTiles, "tiles");
