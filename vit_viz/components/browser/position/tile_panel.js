import { make, PixelCanvas, ScreenBox, setText } from "../shared/dom.js";
import { isChord } from "../shared/keys.js";
import { fixed } from "../shared/numbers.js";
import { signedTone } from "../shared/tone.js";
import { partAt } from "../shared/within.js";

// the share of a tile's room that is left free around it
const GAP = 0.08;

export const formatCosine = (value) => fixed(value, 3);

/** A place in shares of height and width → row and column of a grid, and back to its middle. */
export const cellAt = ([y, x], [rows, cols]) => ({ row: partAt(y, rows), col: partAt(x, cols) });
export const middleOf = ({ row, col }, [rows, cols]) => [(row + 0.5) / rows, (col + 0.5) / cols];

/**
 * All N tiles of one kind of position, and one of them enlarged. Tile (r, c) is how alike position (r, c) is to all.
 *
 * Places are shares [y, x], so that panels of other grids follow the same one.
 * `on` is {hover(place or null), pick(place), walk(key), cell(place or null)}.
 */
export class TilePanel {
  constructor(on) {
    this.on = on;
    this.title = make("figcaption", {});
    this.all = make("canvas", { className: "all", tabIndex: 0, role: "application", "aria-roledescription": "tiles" });
    this.mark = make("div", { className: "mark" });
    this.one = new PixelCanvas("one");
    this.self = make("div", { className: "mark" });
    this.other = make("div", { className: "mark other", hidden: true });
    this.name = make("p", { className: "name" });
    this.readout = make("p", { className: "readout" });
    this.note = make("p", { className: "note" });
    this.allBox = make("div", { className: "box" }, this.all, this.mark);
    this.oneBox = make("div", { className: "box enlarged" }, this.one.element, this.self, this.other);
    this.content = make(
      "div", { className: "pair" },
      make("div", {}, this.allBox), make("div", {}, this.name, this.oneBox, this.readout),
    );
    this.element = make("figure", {}, this.title, this.content, this.note);
    this.#listen();
  }

  #listen() {
    const [all, one] = [new ScreenBox(this.all), new ScreenBox(this.oneBox)];
    const place = (screen, event) => screen.shares(event).reverse();
    const follow = (event) => this.on.hover(place(all, event));
    this.all.addEventListener("pointermove", follow);
    this.all.addEventListener("pointerdown", follow);
    this.all.addEventListener("pointerleave", () => this.on.hover(null));
    this.all.addEventListener("click", (event) => this.on.pick(place(all, event)));
    this.all.addEventListener("keydown", (event) => {
      if (isChord(event) || !event.key.startsWith("Arrow")) return;
      event.preventDefault();
      this.on.walk(event.key, this.grid);
    });
    const read = (event) => this.on.cell(place(one, event));
    this.oneBox.addEventListener("pointermove", read);
    this.oneBox.addEventListener("pointerdown", read);
    this.oneBox.addEventListener("pointerleave", () => this.on.cell(null));
    new ResizeObserver(() => this.#paintAll()).observe(this.allBox);
  }

  describe({ title, note }) {
    setText(this.title, title);
    setText(this.note, note);
  }

  /** Cosines (N, N) over a grid. */
  setValues(values, grid) {
    Object.assign(this, { values, grid, least: values.reduce((least, value) => Math.min(least, value), 1) });
    const [rows, cols] = grid;
    this.one.resize(cols, rows);
    for (const mark of [this.mark, this.self, this.other]) {
      Object.assign(mark.style, { width: `${100 / cols}%`, height: `${100 / rows}%` });
    }
    for (const box of [this.allBox, this.oneBox]) box.style.aspectRatio = `${cols} / ${rows}`;
  }

  paint(ramps) {
    if (!this.values) return;
    this.ramps = ramps;
    if (this.ownScale) setText(this.note, `faint ${formatCosine(this.least)}, full colour 1`);
    const [rows, cols] = this.grid;
    const [N, width, height] = [rows * cols, cols * cols, rows * rows];
    this.atlas = new OffscreenCanvas(width, height);
    const pen = this.atlas.getContext("2d");
    const image = pen.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    // row `position` of the matrix becomes a tile: its numbers in reading order are the tile's own rows
    for (let position = 0; position < N; position += 1) {
      const corner = Math.floor(position / cols) * rows * width + (position % cols) * cols;
      for (let other = 0; other < N; other += 1) {
        const place = corner + Math.floor(other / cols) * width + (other % cols);
        pixels[place] = this.#word(this.values[position * N + other]);
      }
    }
    pen.putImageData(image, 0, 0);
    this.#paintAll();
  }

  /** The colour of a cosine: by its sign; or from the least of this panel, faint, to 1. */
  #word(value) {
    const { signed } = this.ramps;
    return this.ownScale ? signed[128 + Math.round((127 * (value - this.least)) / (1 - this.least || 1))] : signed[signedTone(value, 1)];
  }

  #paintAll() {
    const { atlas, all, grid } = this;
    const width = Math.round(this.allBox.clientWidth * (globalThis.devicePixelRatio || 1));
    if (!atlas || width === 0) return;
    const [rows, cols] = grid;
    const height = Math.round((width * rows) / cols);
    Object.assign(all, { width, height });
    const pen = all.getContext("2d");
    const room = width / cols;
    const gap = Math.max(1, Math.round(room * GAP));
    pen.imageSmoothingEnabled = room - gap < cols;
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        const [left, top] = [Math.round(col * room), Math.round(row * room)];
        const [right, bottom] = [Math.round((col + 1) * room), Math.round((row + 1) * room)];
        pen.drawImage(atlas, col * cols, row * rows, cols, rows, left, top, right - left - gap, bottom - top - gap);
      }
    }
  }

  /** Enlarge the tile at a place, and read its cell at another (null for none). */
  show(place, cellPlace) {
    if (!this.values) return;
    const { row, col } = cellAt(place, this.grid);
    const position = row * this.grid[1] + col;
    const N = this.grid[0] * this.grid[1];
    const tile = this.values.subarray(position * N, (position + 1) * N);
    for (let i = 0; i < N; i += 1) this.one.pixels[i] = this.#word(tile[i]);
    this.one.show();
    this.#place(this.mark, { row, col });
    this.#place(this.self, { row, col });
    this.#read({ row, col }, tile, cellPlace);
    this.all.setAttribute(
      "aria-label",
      `${this.title.textContent}: ${N} tiles. Enlarged: position in row ${row + 1}, column ${col + 1}. Arrow keys walk.`,
    );
  }

  #read({ row, col }, tile, cellPlace) {
    setText(this.name, `Position (${row + 1}, ${col + 1})`);
    this.other.hidden = cellPlace === null;
    const cell = cellPlace && cellAt(cellPlace, this.grid);
    if (cell) this.#place(this.other, cell);
    const own = row * this.grid[1] + col;
    setText(this.readout, cell ? this.#pair(cell, tile) : extremes(tile, own, this.grid));
  }

  #pair(cell, tile) {
    return `with (${cell.row + 1}, ${cell.col + 1}): ${formatCosine(tile[cell.row * this.grid[1] + cell.col])}`;
  }

  #place(mark, { row, col }) {
    mark.style.left = `${(100 * col) / this.grid[1]}%`;
    mark.style.top = `${(100 * row) / this.grid[0]}%`;
  }
}

/** The positions most and least like one (other than itself), as a line of text. */
export function extremes(tile, own, [, cols]) {
  let [most, least] = [-1, -1];
  for (let i = 0; i < tile.length; i += 1) {
    if (i === own) continue;
    if (most < 0 || tile[i] > tile[most]) most = i;
    if (least < 0 || tile[i] < tile[least]) least = i;
  }
  if (most < 0) return "the only position";
  const name = (i) => `(${Math.floor(i / cols) + 1}, ${(i % cols) + 1}) ${formatCosine(tile[i])}`;
  return `most like ${name(most)} · least ${name(least)}`;
}
