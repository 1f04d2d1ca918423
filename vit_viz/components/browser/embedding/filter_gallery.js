import { Segments } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatPercent } from "../shared/numbers.js";
import { fromBase64 } from "../shared/unpack.js";
import { byHand } from "../shared/hand_words.js";

const KINDS = { components: "principal components", raw: "raw filters" };

/** Filters as tiles: of one model, or of two side by side. */
class Gallery {
  #kind = "components";

  constructor(root, { tell }) {
    this.send = (dimension) => tell("dimension", dimension);
    this.kinds = new Segments("Show", KINDS, (kind) => {
      this.#kind = kind;
      this.#write();
    });
    this.beside = make("input", { type: "checkbox" });
    this.besideText = make("span", {});
    this.switch = make("label", { className: "switch" }, this.beside, this.besideText);
    this.beside.addEventListener("change", () => this.#write());
    this.sets = make("div", { className: "sets" });
    this.readout = make("p", { className: "readout", role: "status" });
    root.append(make("div", { className: "controls" }, this.kinds.element, this.switch), this.sets, this.readout);
  }

  update(data) {
    const isSame = JSON.stringify(this.data?.sets) === JSON.stringify(data.sets);
    this.data = data;
    if (isSame) return this.#mark(); // made anew, a tile would lose the keyboard's focus
    const [, twin] = data.sets;
    this.switch.hidden = !twin;
    if (!twin) this.beside.checked = false;
    else setText(this.besideText, `beside ${twin.title}`);
    return this.#write();
  }

  #mark() {
    for (const tile of this.sets.querySelectorAll("button.tile")) {
      tile.classList.toggle("picked", Number(tile.value) === this.data.dimension);
    }
  }

  #write() {
    const shown = this.beside.checked ? this.data.sets : this.data.sets.slice(0, 1);
    this.kinds.set(this.#kind);
    this.sets.classList.toggle("two", shown.length === 2);
    this.sets.replaceChildren(...shown.map((one, place) => this.#set(one, place === 0)));
    this.#mark();
    this.#say(null);
  }

  #set(one, isOwn) {
    const pictures = tiles(one, this.#kind);
    const figure = make("figure", {}, make("figcaption", {}, this.#caption(one, pictures.length)));
    const grid = make("div", { className: "tiles", role: "list" });
    pictures.forEach((canvas, index) => grid.append(this.#tile(one, canvas, index, isOwn)));
    figure.append(grid);
    return figure;
  }

  #caption(one, count) {
    if (this.#kind === "components") return `${one.title}: the first ${count} principal components of its filters`;
    return `${one.title}: the ${count} filters of largest norm, as they are`;
  }

  #tile(one, canvas, index, isOwn) {
    const dimension = one.dimensions[index];
    const canPick = this.#kind === "raw" && isOwn && this.data.dimension !== null;
    const text = this.#tileText(one, index);
    const tile = make(canPick ? "button" : "div", { className: "tile", "aria-label": text, role: canPick ? "button" : "listitem" }, canvas);
    if (canPick) {
      Object.assign(tile, { type: "button", value: String(dimension) });
      tile.addEventListener("click", () => this.send(dimension));
    }
    tile.addEventListener("pointerenter", () => this.#say(text));
    tile.addEventListener("focus", () => this.#say(text));
    tile.addEventListener("pointerleave", () => this.#say(null));
    return tile;
  }

  #tileText(one, index) {
    if (this.#kind === "components") return `${one.title}, component ${index + 1}: ${formatPercent(one.shares[index])} of the variance`;
    return `${one.title}, filter ${one.dimensions[index] + 1}`;
  }

  #say(text) {
    const hint =
      this.#kind === "raw" && this.data.dimension !== null
        ? byHand("Point at a filter to name it; a click uses it above.")
        : byHand("Point at a picture to read it.");
    this.readout.classList.toggle("muted", text === null);
    setText(this.readout, text ?? hint);
  }
}

/** A canvas for each picture of one kind, of bytes (n, h, w, 3) as base64. */
function tiles({ height, width, ...set }, kind) {
  const bytes = fromBase64(set[kind]);
  const size = height * width;
  return Array.from({ length: bytes.length / (size * 3) }, (_, index) => {
    const canvas = make("canvas", { width, height, "aria-hidden": "true" });
    const picture = new ImageData(width, height);
    for (let i = 0; i < size; i += 1) {
      const start = (index * size + i) * 3;
      picture.data.set([bytes[start], bytes[start + 1], bytes[start + 2], 255], i * 4);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
    return canvas;
  });
}

export default entry(Gallery, "gallery");
