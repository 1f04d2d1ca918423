import { make, ScreenBox } from "../shared/dom.js";
import { isWalk } from "../shared/tokens.js";

/**
 * The photo with one patch framed. Patches are looked at with the pointer, picked by a click or walked with arrows.
 *
 * `on` is {hover(patch or null), pick(patch), walk(key)}; `tokens` is a TokenGrid without prefix tokens.
 */
export class PatchPhoto {
  constructor(on) {
    this.on = on;
    this.canvas = make("canvas", { className: "photo" });
    this.mark = make("div", { className: "patch-mark" });
    this.element = make(
      "div", { className: "photo-stage", tabIndex: 0, role: "application", "aria-roledescription": "patches of the photo" },
      this.canvas, this.mark,
    );
    this.screen = new ScreenBox(this.element);
    this.element.addEventListener("pointermove", (event) => event.pointerType !== "touch" && on.hover(this.#patchAt(event)));
    this.element.addEventListener("pointerleave", () => on.hover(null));
    this.element.addEventListener("click", (event) => on.pick(this.#patchAt(event)));
    this.element.addEventListener("keydown", (event) => {
      if (!isWalk(event)) return;
      on.walk(event.key);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  #patchAt(event) {
    return this.tokens.under(this.screen.shares(event));
  }

  setTokens(tokens, alt) {
    Object.assign(this, { tokens, alt });
    this.element.style.aspectRatio = `${tokens.cols * tokens.patchWidth} / ${tokens.rows * tokens.patchHeight}`;
    Object.assign(this.mark.style, { width: `${100 / tokens.cols}%`, height: `${100 / tokens.rows}%` });
  }

  setPhoto(bitmap) {
    this.bitmap = bitmap;
    Object.assign(this.canvas, { width: bitmap.width, height: bitmap.height });
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
  }

  frame(patch) {
    const { tokens } = this;
    this.mark.style.left = `${(100 * tokens.col(patch)) / tokens.cols}%`;
    this.mark.style.top = `${(100 * tokens.row(patch)) / tokens.rows}%`;
    this.element.setAttribute(
      "aria-label",
      `${this.alt} ${tokens.rows} × ${tokens.cols} patches. Picked: ${tokens.spoken(patch)}. Arrow keys walk.`,
    );
  }

  /** Copy one patch onto a canvas, pixel by pixel. */
  copyPatch(patch, canvas) {
    const { tokens, bitmap } = this;
    if (!bitmap) return;
    const { patchWidth: width, patchHeight: height } = tokens;
    Object.assign(canvas, { width, height });
    const left = tokens.col(patch) * width;
    canvas.getContext("2d").drawImage(bitmap, left, tokens.row(patch) * height, width, height, 0, 0, width, height);
  }
}
