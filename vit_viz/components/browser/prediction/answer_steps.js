import { Slider } from "../shared/controls.js";
import { make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatNumber, formatPercent } from "../shared/numbers.js";
import { Bars, Cells, Readout } from "../shared/plots.js";
import { colourScale, extent, largestSize } from "../shared/row_arithmetic.js";
import { atTemperature, temperatureSentence } from "../shared/temperature.js";
import { fromBase64, unpack } from "../shared/unpack.js";

const PER_STEP = 0.1;
const STEPS = 51;

/** From the token that is read to probabilities: the row, its norm, the logits, the softmax with temperature. */
class AnswerSteps {
  #step = 10;
  #held = 0;

  constructor(root) {
    this.rows = make("div", { className: "strips" });
    this.heads = make("span");
    this.logitsReadout = new Readout("Point at a bar: one class, its logit.");
    this.logits = new Bars("Logits, one per class", {
      describe: (i) => this.#logitText(i),
      point: (i) => this.logitsReadout.write(i === null ? null : this.#logitText(i)),
    });
    this.slider = new Slider("Temperature", (place) => {
      this.#step = place;
      this.#soften();
    });
    this.sentence = make("p", { className: "status", role: "status" });
    this.list = make("div", { className: "delta-rows", role: "group", "aria-label": "The most probable classes" });
    this.arithmetic = make("p", { className: "readout number" });
    root.append(
      this.rows,
      step("Logits", this.heads, this.logits.element, this.logitsReadout.element),
      step("Softmax", "p = e^(logit / T) / Σ e^(logit / T)",
        make("div", { className: "controls" }, this.slider.element), listHead(), this.list, this.arithmetic, this.sentence),
    );
  }

  update(data, ramps) {
    if (this.data?.payload !== data.payload) {
      this.arrays = unpack(fromBase64(data.payload)).arrays;
      this.values = this.arrays.logits.values;
      this.order = data.top;
      this.#held = 0;
      this.#layOut(data);
      this.logitsReadout.suggest(`Point at a bar: one class, its logit. Bars ${extent(this.values)}.`);
    }
    Object.assign(this, { data, ramps });
    setText(this.heads, `${data.heads}: one number per class`);
    for (const { cells, values } of this.strips) cells.write(values, largestSize(values), ramps);
    const [up, down] = [ramps.signed[255], ramps.signed[0]];
    this.logits.write(this.values, { top: largestSize(this.values), colours: { up, down }, isSigned: true, ramps });
    this.#soften();
  }

  #layOut(data) {
    this.strips = data.strips.map(({ name, title, chip }) => {
      const { values } = this.arrays[name];
      const text = (i) => `number ${i + 1} of ${values.length}: ${formatNumber(values[i])}`;
      const readout = new Readout(`${chip}; ${colourScale(largestSize(values))}`);
      const cells = new Cells(title, { describe: text, point: (i) => readout.write(i === null ? null : text(i)) });
      return { cells, values, element: step(title, `${values.length} numbers`, cells.element, readout.element) };
    });
    this.rows.replaceChildren(...this.strips.map(({ element }) => element));
    this.list.replaceChildren(...this.order.map((index, place) => this.#row(data.labels[index], place)));
  }

  #row(label, place) {
    const row = make(
      "button", { type: "button", className: "delta-row" },
      make("span", { className: "name" }, label),
      make("span", { className: "bar" }, make("span", { className: "fill" })),
      make("span", { className: "number now" }), make("span", { className: "number change" }),
    );
    const hold = () => {
      this.#held = place;
      this.#soften();
    };
    for (const event of ["pointerenter", "focus", "click"]) row.addEventListener(event, hold);
    return row;
  }

  #logitText(i) {
    return `${this.data.labels[i]}: ${formatNumber(this.values[i])}`;
  }

  #soften() {
    const T = this.#step * PER_STEP;
    const probs = atTemperature(this.values, T);
    this.slider.set({ value: this.#step, count: STEPS, text: T.toFixed(1) });
    this.order.forEach((index, place) => {
      const row = this.list.children[place];
      setText(row.querySelector(".now"), formatPercent(probs[index]));
      setText(row.querySelector(".change"), formatNumber(this.values[index]));
      row.querySelector(".fill").style.width = `${100 * probs[index]}%`;
      row.classList.toggle("held", place === this.#held);
    });
    setText(this.sentence, temperatureSentence(probs, T));
    setText(this.arithmetic, this.#spelled(probs, T));
  }

  #spelled(probs, T) {
    const index = this.order[this.#held];
    if (T === 0) return `${this.data.labels[index]}: no arithmetic at T = 0, only the limit ${formatPercent(probs[index])}`;
    const top = largestSize(this.values);
    const power = Math.exp(this.values[index] / T);
    const total = this.values.reduce((sum, value) => sum + Math.exp(value / T), 0);
    if (top / T > 700) return `${this.data.labels[index]}: e^(${formatNumber(this.values[index])} / ${T.toFixed(1)}) is too large to write out; p = ${formatPercent(probs[index])}`;
    return (
      `${this.data.labels[index]}: e^(${formatNumber(this.values[index])} / ${T.toFixed(1)}) / Σ = ` +
      `${formatNumber(power)} / ${formatNumber(total)} = ${formatPercent(power / total)}`
    );
  }
}

/** What the two columns of numbers are. */
function listHead() {
  const empty = ["name", "bar"].map((className) => make("span", { className }));
  const [now, change] = [["now", "p"], ["change", "logit"]].map(([className, name]) => make("span", { className }, name));
  return make("div", { className: "delta-row head", "aria-hidden": "true" }, ...empty, now, change);
}

function step(title, chip, ...content) {
  const head = make("div", { className: "step-head" }, make("h3", {}, title), make("span", { className: "chip" }, chip));
  return make("section", { className: "step" }, head, ...content);
}

export default entry(AnswerSteps, "prediction answer-steps");
