import { make, PixelCanvas, ScreenBox, setText } from "../shared/dom.js";
import { strongest } from "../shared/measures.js";
import { formatDigits } from "../shared/numbers.js";
import { entry } from "../shared/mount.js";
import { MULTIPLY } from "../shared/ramps.js";
import { tone } from "../shared/tone.js";
import { partAt } from "../shared/within.js";

/** A photo with its map over it ("patches"), or beside it and times it ("paper"). */
class Tile {
  constructor(on) {
    this.photo = make("img", { className: "photo", alt: "" });
    this.under = make("img", { className: "photo", alt: "" });
    this.overlay = new PixelCanvas("overlay");
    this.mark = make("div", { className: "mark", hidden: true });
    this.stage = make("div", { className: "stage" }, this.under, this.overlay.element, this.mark);
    this.pair = make("div", { className: "pair" }, this.photo, this.stage);
    this.title = make("figcaption", {});
    this.note = make("p", { className: "note" });
    this.value = make("p", { className: "value" });
    this.element = make("figure", {}, this.title, this.note, this.pair, this.value);
    this.box = new ScreenBox(this.stage);
    this.stage.addEventListener("pointermove", (event) => on.hover(this, this.box.shares(event)));
    this.stage.addEventListener("pointerleave", () => on.hover(this, null));
  }

  set({ title, note, photo, values }, { grid: [rows, cols], aspect, look, alt }) {
    Object.assign(this, { values, rows, cols });
    this.order = strongest(values);
    this.top = Math.max(...values);
    this.pair.classList.toggle("paper", look === "paper");
    this.photo.hidden = look !== "paper";
    for (const image of [this.photo, this.under]) {
      image.style.aspectRatio = aspect;
      if (image.src !== photo) image.src = photo;
    }
    this.stage.setAttribute("role", "img");
    this.stage.setAttribute("aria-label", `${title}: ${alt} Strongest at ${this.#place(this.order[0])}.`);
    setText(this.title, title);
    setText(this.note, note);
    this.overlay.resize(cols, rows);
    Object.assign(this.mark.style, { width: `${100 / cols}%`, height: `${100 / rows}%` });
  }

  paint(table) {
    this.values.forEach((value, patch) => {
      this.overlay.pixels[patch] = table[tone(value, this.top, "linear")];
    });
    this.overlay.show();
  }

  at([x, y]) {
    return partAt(y, this.rows) * this.cols + partAt(x, this.cols);
  }

  /** Frame a patch and write its value and rank; null for the strongest, without a frame. */
  point(patch) {
    this.mark.hidden = patch === null;
    const shown = patch ?? this.order[0];
    if (patch !== null) {
      this.mark.style.left = `${((patch % this.cols) * 100) / this.cols}%`;
      this.mark.style.top = `${(Math.floor(patch / this.cols) * 100) / this.rows}%`;
    }
    const read = `${this.#place(shown)}, ${formatDigits(this.values[shown], 4)}`;
    setText(this.value, patch === null ? `strongest: ${read}` : `${read} · rank ${this.order.indexOf(patch) + 1}`);
  }

  #place(patch) {
    return `(${Math.floor(patch / this.cols) + 1}, ${(patch % this.cols) + 1})`;
  }
}

class MapTiles {
  #tiles = [];

  constructor(root) {
    this.root = root;
  }

  update(data, ramps) {
    this.data = data;
    this.root.classList.toggle("papers", data.look === "paper");
    if (this.#tiles.length !== data.tiles.length) {
      this.#tiles = data.tiles.map(() => new Tile({ hover: (tile, shares) => this.#hover(tile, shares) }));
      this.root.replaceChildren(...this.#tiles.map((tile) => tile.element));
    }
    const table = data.look === "paper" ? MULTIPLY : ramps.heat;
    this.#tiles.forEach((tile, index) => {
      tile.set(data.tiles[index], data);
      tile.paint(table);
      tile.point(null);
    });
  }

  /** Tiles of several photos are not of the one beside. */
  citation(words) {
    return this.data.share ? words : { ...words, photo: null };
  }

  #hover(tile, shares) {
    const patch = shares === null ? null : tile.at(shares);
    for (const other of this.data.share ? this.#tiles : [tile]) other.point(patch);
  }
}

export default entry(MapTiles, "maps");
