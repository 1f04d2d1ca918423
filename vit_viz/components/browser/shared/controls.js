import { make, setText } from "./dom.js";

/** Tell what a range input is set to. A swipe that turns out to scroll the page takes its first touch back. */
export function onRange(input, tell) {
  let before = input.value;
  input.addEventListener("pointerdown", () => {
    before = input.value;
  });
  input.addEventListener("input", () => tell(Number(input.value)));
  input.addEventListener("pointercancel", () => {
    if (input.value === before) return;
    input.value = before;
    tell(Number(before));
  });
}

/** A labelled slider over 1 … count; its value counts from 0. */
export class Slider {
  constructor(name, onChange) {
    this.input = make("input", { type: "range", min: 1, step: 1, "aria-label": name });
    this.output = make("output", {});
    this.element = make("label", { className: "slider" }, make("span", {}, name), this.input, this.output);
    onRange(this.input, (number) => onChange(number - 1));
  }

  set({ value, count, disabled = false, text = `${value + 1} of ${count}` }) {
    this.input.max = String(count);
    this.input.value = String(value + 1);
    this.input.disabled = disabled;
    this.input.setAttribute("aria-valuetext", text);
    setText(this.output, text);
  }
}

/** A few options side by side, one of them chosen; options is {value: text}. */
export class Segments {
  constructor(name, options, onChange) {
    const group = `${name}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.inputs = Object.keys(options).map((value) => make("input", { type: "radio", name: group, value }));
    const labels = this.inputs.map((input) =>
      make("label", {}, input, make("span", {}, options[input.value])),
    );
    this.element = make(
      "div",
      { className: "segments", role: "radiogroup", "aria-label": name },
      make("span", { "aria-hidden": "true" }, name),
      make("div", { className: "options" }, ...labels),
    );
    for (const input of this.inputs) input.addEventListener("change", () => onChange(input.value));
  }

  set(value) {
    for (const input of this.inputs) input.checked = input.value === value;
  }
}
