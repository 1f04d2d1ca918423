import { DeltaBars } from "../shared/delta_bars.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { TokenGrid } from "../shared/tokens.js";
import { Settled } from "../shared/selection.js";
import { byHand } from "../shared/hand_words.js";

const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

/** The photo with patches that a click takes away, and what is left of the answer. */
class PatchMask {
  #masked = new Set();
  #cursor = 0;
  #drag = null;

  constructor(root, { tell }) {
    this.told = new Settled((patches) => tell("masked", patches));
    this.stage = new PhotoStage({
      hover: (patch) => this.#hover(patch), pick: (patch) => this.#pick(patch),
      walk: (key) => this.#walk(key), release: () => this.#set(new Set()),
    });
    this.stage.stage.addEventListener("pointerdown", (event) => this.#press(event));
    this.stage.stage.addEventListener("pointerleave", () => { this.#drag = null; });
    this.count = make("p", { className: "count" });
    this.problem = make("p", { className: "problem", role: "alert", hidden: true });
    this.status = make("p", { className: "status", role: "status" });
    this.bars = new DeltaBars("The answer to what is left");
    const button = (text, change) => {
      const made = make("button", { type: "button", className: "action" }, text);
      made.addEventListener("click", () => this.#set(change()));
      return made;
    };
    const all = () => Array.from({ length: this.tokens.numPatches }, (_, patch) => patch);
    this.actions = make(
      "div", { className: "actions" },
      button("Mask nothing", () => new Set()),
      button("Swap", () => new Set(all().filter((patch) => !this.#masked.has(patch)))),
      button("Mask all", () => new Set(all())),
      button("Mask the half looked at most", () => new Set(this.data.example)),
    );
    const hint = make("p", { className: "hint" }, byHand("Click patches, or draw over them. With the keyboard: arrows, then Enter."));
    this.explained = make("p", { className: "hint" });
    root.append(make(
      "div", { className: "columns" },
      make("div", { className: "picture" }, this.stage.element, this.count),
      make("div", { className: "story" }, hint, this.actions, this.explained, this.bars.element, this.status, this.problem),
    ));
  }

  update(data, ramps) {
    const isNew = this.data?.source !== data.source;
    Object.assign(this, { data, ramps });
    if (isNew) this.#arrive();
    this.#answer();
    this.#paint();
  }

  close() {
    this.told.cancel();
  }

  #arrive() {
    const { data } = this;
    this.tokens = new TokenGrid({ grid: data.grid, patchSize: data.patch_size, prefixNames: [] });
    this.#masked = new Set(data.masked);
    this.#cursor = 0;
    this.stage.setTokens(this.tokens, data.alt);
    const looker = data.prefix_names.length ? data.prefix_names[0] : "the patches";
    setText(this.explained, `Looked at most: by ${looker}, in the last layer, over all its heads.`);
    this.stage.fetchPhoto(data.source, (sentence) => this.#complain(sentence));
  }

  #answer() {
    const { data } = this;
    this.bars.write(data.rows, data.first);
    const isAnswered = same(data.masked, this.#list());
    this.bars.wait(!isAnswered);
    this.#complain(isAnswered ? data.problem : "");
    if (isAnswered) setText(this.status, data.says);
  }

  #complain(text) {
    setText(this.problem, text);
    this.problem.hidden = text === "";
  }

  #list() {
    return [...this.#masked].sort((a, b) => a - b);
  }

  #press(event) {
    if (event.pointerType === "mouse" && event.button === 0) this.#drag = { from: this.#cursor, moved: false, masks: null };
  }

  #hover(patch) {
    if (patch === null || patch === this.#cursor) return;
    const from = this.#cursor;
    this.#cursor = patch;
    if (this.#drag) this.#draw(from, patch);
    this.#paint();
  }

  #draw(from, patch) {
    const drag = this.#drag;
    if (!drag.moved) Object.assign(drag, { moved: true, masks: !this.#masked.has(from) });
    for (const at of [from, patch]) {
      if (drag.masks) this.#masked.add(at);
      else this.#masked.delete(at);
    }
    this.#change();
  }

  #pick(patch) {
    const wasDrawn = this.#drag?.moved;
    this.#drag = null;
    if (wasDrawn) return;
    const at = patch ?? this.#cursor;
    this.#cursor = at;
    if (!this.#masked.delete(at)) this.#masked.add(at);
    this.#change();
  }

  #walk(key) {
    this.#cursor = this.tokens.walk(this.#cursor, key);
    this.#paint();
  }

  #set(masked) {
    this.#masked = masked;
    this.#change();
  }

  #change() {
    this.#paint();
    this.bars.wait(!same(this.data.masked, this.#list()));
    this.told.give(this.#list()); // even what is answered: something else may be on its way
  }

  #paint() {
    const { tokens, stage, ramps } = this;
    const { pixels } = stage.overlay;
    pixels.fill(0);
    for (const patch of this.#masked) pixels[patch] = ramps.background;
    stage.overlay.show();
    stage.mark({ token: this.#cursor, target: null, pinned: false, description: "" });
    const state = this.#masked.has(this.#cursor) ? "masked" : "seen";
    stage.stage.setAttribute(
      "aria-label",
      `${this.data.alt} ${tokens.rows} × ${tokens.cols} patches, ${this.#masked.size} of them masked. ` +
        `${tokens.spoken(this.#cursor)} is ${state}. Arrow keys walk, Enter masks or shows, Escape shows all.`,
    );
    setText(this.count, this.#counted());
  }

  #counted() {
    const left = this.tokens.numPatches - this.#masked.size;
    const names = this.data.prefix_names;
    const others = names.length > 1 ? ` and ${names.length} prefix tokens` : names.map((name) => ` and ${name}`).join("");
    return `${this.#masked.size} of ${this.tokens.numPatches} masked: ${left} ${left === 1 ? "patch" : "patches"}${others} go through the model`;
  }
}

export default entry(PatchMask, "prediction patch-mask");
