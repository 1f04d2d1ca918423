import { Segments } from "../shared/controls.js";
import { DeltaBars, formatPoints } from "../shared/delta_bars.js";
import { make, setText } from "../shared/dom.js";
import { isChord } from "../shared/keys.js";
import { entry } from "../shared/mount.js";
import { cssColor, luminance, parseColor } from "../shared/ramps.js";
import { signedTone, tone } from "../shared/tone.js";
import { Settled } from "../shared/selection.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const HINTS = {
  true: "Change of the probability, in percentage points, when that head alone is off. A click keeps a head off until the next click.",
  false: "How far the features turn (1 − cosine) when that head alone is off. A click keeps a head off until the next click.",
};
const DARK = [21, 22, 26];
const LIGHT = [252, 251, 248];

/** The change that each head makes when it is switched off alone, layer by head; a click keeps it off. */
class HeadAblation {
  #off = new Set();
  #chosen = 0;

  constructor(root, { tell }) {
    this.told = new Settled((heads) => tell("off", heads));
    this.choice = make("div", {});
    this.grid = make("div", { className: "heads", role: "group", "aria-label": "Heads by layer" });
    this.grid.addEventListener("keydown", (event) => this.#walk(event));
    this.readout = make("p", { className: "caption", role: "status" });
    this.hint = make("p", { className: "hint" });
    this.bars = new DeltaBars("The answer without the heads that are off");
    this.clear = make("button", { type: "button", className: "action" }, "Switch all on");
    this.clear.addEventListener("click", () => this.#set(new Set()));
    this.features = make("p", { className: "status" });
    root.append(
      make("div", { className: "controls" }, this.choice),
      make("div", { className: "columns" },
        make("div", { className: "picture" }, this.grid, this.readout, this.hint),
        make("div", { className: "story" }, this.bars.element, this.features, make("div", { className: "actions" }, this.clear))),
    );
  }

  update(data, ramps) {
    const isNew = this.data?.trace_id !== data.trace_id;
    Object.assign(this, { data, ramps });
    if (isNew) this.#arrive();
    this.bars.element.hidden = data.rows.length === 0;
    if (data.rows.length) this.bars.write(data.rows, data.first);
    setText(this.features, data.says);
    setText(this.hint, HINTS[data.labels.length > 0]);
    this.bars.wait(!this.#isAnswered());
    this.#paint();
  }

  close() {
    this.told.cancel();
  }

  #arrive() {
    const { data } = this;
    this.#off = new Set(data.off);
    this.#chosen = 0;
    this.choice.replaceChildren();
    if (data.labels.length) {
      this.picker = new Segments("Class", Object.fromEntries(data.labels.map((label, i) => [`c${i}`, label])), (value) => {
        this.#chosen = Number(value.slice(1));
        this.#paint();
      });
      this.picker.set("c0");
      this.choice.append(this.picker.element);
    }
    this.grid.style.setProperty("--heads", String(data.num_heads));
    const titles = Array.from({ length: data.num_heads }, (_, head) => make("span", { className: "axis" }, String(head + 1)));
    const rows = Array.from({ length: data.depth }, (_, layer) => [
      make("span", { className: "axis" }, String(layer + 1)),
      ...Array.from({ length: data.num_heads }, (__, head) => this.#cell(layer * data.num_heads + head)),
    ]);
    this.grid.replaceChildren(make("span", { className: "axis corner" }, "layer \\ head"), ...titles, ...rows.flat());
    this.cells = [...this.grid.querySelectorAll("button")];
  }

  #cell(index) {
    const cell = make("button", { type: "button", className: "head-cell", tabIndex: index === 0 ? 0 : -1 }, make("span", {}));
    cell.addEventListener("click", () => {
      const off = new Set(this.#off);
      if (!off.delete(index)) off.add(index);
      this.#set(off);
    });
    for (const event of ["pointerenter", "focus"]) cell.addEventListener(event, () => setText(this.readout, this.#describe(index)));
    return cell;
  }

  #walk(event) {
    const from = this.cells.indexOf(event.target);
    if (isChord(event) || !(event.key in ARROWS) || from < 0) return;
    const [down, right] = ARROWS[event.key];
    const H = this.data.num_heads;
    const [layer, head] = [Math.floor(from / H) + down, (from % H) + right];
    if (layer >= 0 && layer < this.data.depth && head >= 0 && head < H) {
      this.cells[from].tabIndex = -1;
      Object.assign(this.cells[layer * H + head], { tabIndex: 0 }).focus();
    }
    event.preventDefault();
  }

  #set(off) {
    this.#off = off;
    this.#paint();
    this.bars.wait(!this.#isAnswered());
    this.told.give([...off].sort((a, b) => a - b));
  }

  #isAnswered() {
    return this.data.off.length === this.#off.size && this.data.off.every((index) => this.#off.has(index));
  }

  /** The change of the class in view without one head; null while it is not measured. */
  #value(index) {
    return this.data.changes[Math.floor(index / this.data.num_heads)]?.[index % this.data.num_heads][this.#chosen] ?? null;
  }

  #describe(index) {
    const H = this.data.num_heads;
    const where = `Layer ${Math.floor(index / H) + 1}, head ${(index % H) + 1}`;
    const value = this.#value(index);
    if (value === null) return `${where}: not measured yet`;
    if (!this.data.labels.length) return `${where} off: the features turn by 1 − cosine = ${value.toFixed(4)}`;
    return `${where} off: ${this.data.labels[this.#chosen]} ${formatPoints(value)} points`;
  }

  #paint() {
    const { cells, data, ramps } = this;
    const values = cells.map((_, index) => this.#value(index));
    const top = values.reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
    cells.forEach((cell, index) => {
      const value = values[index];
      const isOff = this.#off.has(index);
      const word = data.labels.length ? ramps.signed[signedTone(value ?? 0, top)] : ramps.attention[tone(value ?? 0, top, "linear")];
      const color = value === null ? "" : cssColor(word);
      cell.style.backgroundColor = color;
      cell.style.color = color && cssInk(color);
      cell.classList.toggle("off", isOff);
      cell.setAttribute("aria-pressed", String(isOff));
      cell.setAttribute("aria-label", `${this.#describe(index)}${isOff ? ", switched off" : ""}`);
      setText(cell.firstChild, value === null ? "" : data.labels.length ? formatPoints(value) : value.toFixed(3));
    });
    this.clear.disabled = this.#off.size === 0;
  }
}

/** Dark or light figures, whichever reads better on the cell. */
function cssInk(color) {
  const light = luminance(parseColor(color));
  const ink = light > 0.2 ? DARK : LIGHT;
  return `rgb(${ink.join(" ")})`;
}

export default entry(HeadAblation, "prediction head-ablation");
