import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatShort } from "../shared/numbers.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { cssColor } from "../shared/ramps.js";
import { TokenGrid } from "../shared/tokens.js";
import { SelectionReport } from "../shared/selection.js";
import { signedTone } from "../shared/tone.js";
import { byHand } from "../shared/hand_words.js";

/** How alike every patch is to the picked one in the model's last features: −1 to 1, over the photo. */
class NearestPatches {
  #hovered = null;

  constructor(root, { tell }) {
    this.report = new SelectionReport(({ patch }) => tell("patch", patch), 0, ["patch"]);
    this.stage = new PhotoStage({
      hover: (patch) => this.#hover(patch), pick: (patch) => patch !== null && this.#pick(patch),
      walk: (key) => this.#pick(this.tokens.walk(this.patch, key)), release: () => this.#hover(null),
    });
    this.caption = make("p", { className: "caption", role: "status" });
    this.scale = make("p", { className: "legend" });
    this.title = make("h3", {});
    this.list = make("div", { className: "delta-rows", role: "group", "aria-label": "The most alike patches" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    root.append(make(
      "div", { className: "columns" },
      make("div", { className: "picture" }, this.stage.element, this.scale, this.caption, this.problem),
      make("div", { className: "story" }, this.title, this.list),
    ));
  }

  update(data, ramps) {
    const isNew = this.data?.source !== data.source;
    Object.assign(this, { data, ramps });
    if (this.report.isNews(data) || isNew) this.patch = data.patch;
    if (isNew) this.#arrive();
    this.#paint();
  }

  close() {
    this.report.cancel();
  }

  #arrive() {
    const { data } = this;
    this.#hovered = null;
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: [] });
    this.stage.setTokens(this.tokens, data.alt);
    this.stage.fetchPhoto(data.source, (sentence) => {
      setText(this.problem, sentence);
      this.problem.hidden = false;
    });
  }

  #hover(patch) {
    if (patch === this.#hovered) return;
    this.#hovered = patch;
    this.#paint();
  }

  #pick(patch) {
    this.patch = patch;
    this.report.settle({ patch });
    this.#paint();
  }

  #paint() {
    const { data, ramps, tokens, stage } = this;
    data.similarity.forEach((value, patch) => {
      stage.overlay.pixels[patch] = (ramps.signed[signedTone(value, 1)] & 0x00ffffff) | (0xb8 << 24);
    });
    stage.overlay.show();
    stage.mark({ token: this.patch, target: this.#hovered, pinned: true, description: "" });
    stage.stage.setAttribute("aria-label", `${data.alt} Picked: ${tokens.spoken(this.patch)}. Arrow keys walk.`);
    const stops = [0, 64, 128, 192, 255].map((at) => cssColor(ramps.signed[at])).join(", ");
    const bar = make("span", { className: "legend-bar" });
    bar.style.background = `linear-gradient(to right, ${stops})`;
    this.scale.replaceChildren("−1", bar, "1");
    const at = this.#hovered;
    setText(this.caption, at === null
      ? byHand(`Picked: ${tokens.label(this.patch)}. Point at another patch to read how alike it is.`)
      : `${tokens.label(at)}: cosine ${formatShort(data.similarity[at])}`);
    setText(this.title, `Most alike to ${tokens.label(data.patch)}`);
    this.list.replaceChildren(...data.nearest.map((patch) => this.#row(patch)));
  }

  #row(patch) {
    const value = this.data.similarity[patch];
    const fill = make("span", { className: "fill" });
    fill.style.width = `${100 * Math.max(0, value)}%`;
    const row = make(
      "button", { type: "button", className: "delta-row" },
      make("span", { className: "name" }, this.tokens.label(patch)), make("span", { className: "bar" }, fill),
      make("span", { className: "number now" }, formatShort(value)), make("span", { className: "number change" }),
    );
    row.addEventListener("click", () => this.#pick(patch));
    return row;
  }
}

export default entry(NearestPatches, "prediction nearest-patches");
