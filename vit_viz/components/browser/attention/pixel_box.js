import { make, PixelCanvas, ScreenBox } from "../shared/dom.js";
import { isChord } from "../shared/keys.js";
import { partAt } from "../shared/within.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * A canvas of cells that the keyboard reaches, with `marks` lying on it.
 *
 * `on` is {step(right, down), open(), release()}: arrow keys, Enter or space, Escape; the last two may be left out.
 */
export class PixelBox {
  constructor({ className, cells, description, marks }, on) {
    this.on = on;
    this.canvas = new PixelCanvas(cells);
    this.element = make(
      "div",
      { className, tabIndex: 0, role: "application", "aria-roledescription": description },
      this.canvas.element,
      ...marks,
    );
    this.screen = new ScreenBox(this.element);
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (isChord(event)) return;
    const step = STEPS[event.key];
    if (step) this.on.step(...step);
    else if ((event.key === "Enter" || event.key === " ") && this.on.open) this.on.open();
    else if (event.key === "Escape" && this.on.release) this.on.release();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Column and row of `cols` × `rows` places that an event is at. */
  placeAt(event, cols, rows) {
    const [x, y] = this.screen.shares(event);
    return [partAt(x, cols), partAt(y, rows)];
  }

  name(text) {
    this.element.setAttribute("aria-label", text);
  }
}
