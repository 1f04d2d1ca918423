import { onRange } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { clamp } from "./easing.js";

/** The labelled scrub bar: a slider over all scenes, and a button under each. `on` is {scrub(number), jump(scene)}. */
export class ScrubBar {
  constructor(count, on) {
    this.fills = Array.from({ length: count }, () => make("span", { className: "fill" }));
    this.buttons = this.fills.map((_, scene) => {
      const button = make("button", { type: "button", tabIndex: -1 });
      button.addEventListener("click", () => on.jump(scene));
      return button;
    });
    this.input = make("input", { type: "range", min: 0, max: count, step: 0.01 });
    onRange(this.input, (number) => on.scrub(number));
    const bars = this.fills.map((fill) => make("span", { className: "bar" }, fill));
    this.element = make(
      "div",
      { className: "scrub" },
      make("div", { className: "bars" }, ...bars, this.input),
      make("div", { className: "names" }, ...this.buttons),
    );
  }

  name(label, names) {
    this.input.setAttribute("aria-label", label);
    this.buttons.forEach((button, scene) => setText(button, names[scene]));
  }

  set({ scene, t }, spoken) {
    this.input.value = String(scene + t);
    this.input.setAttribute("aria-valuetext", spoken);
    this.fills.forEach((fill, i) => {
      fill.style.transform = `scaleX(${clamp(scene + t - i)})`;
    });
    this.buttons.forEach((button, i) => button.setAttribute("aria-current", i === scene ? "step" : "false"));
  }
}
