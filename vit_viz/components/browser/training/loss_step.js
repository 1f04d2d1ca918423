import { Slider } from "../shared/controls.js";
import { DeltaBars } from "../shared/delta_bars.js";
import { make, setText, svg } from "../shared/dom.js";
import { afterStep, crossEntropy, othersAfter } from "./gradient_step.js";
import { strongestFew } from "../shared/measures.js";
import { entry } from "../shared/mount.js";
import { formatNumber, formatPercent, formatShort, minusLog } from "../shared/numbers.js";
import { atTemperature } from "../shared/temperature.js";
import { fromBase64, unpack } from "../shared/unpack.js";

const PER_DECADE = 20;
const FIRST = -6; // powers of ten of the smallest and the largest learning rate
const LAST = 0;
const STEPS = (LAST - FIRST) * PER_DECADE + 1;
const SHOWN = 4;
const MARGIN = { left: 44, right: 10, top: 10, bottom: 56 };
const HEIGHT = 206;

const rateOf = (step) => 10 ** (FIRST + step / PER_DECADE);
const RAISED = "⁰¹²³⁴⁵⁶";
const powerText = (power) => (power === 0 ? "1" : `10⁻${RAISED[-power]}`);

function rateText(rate) {
  const [digits, power] = rate.toExponential(2).split("e");
  return rate < 0.001 ? `${digits}·${powerText(Number(power))}` : String(Number(rate.toPrecision(3)));
}

/** The loss of one photo under the label it should have, and one step of gradient descent on the head. */
class LossStep {
  #step = Math.round(-FIRST * PER_DECADE * 0.5);

  constructor(root) {
    this.before = make("p", { className: "readout number spelled" });
    this.slider = new Slider("Learning rate", (step) => {
      this.#step = step;
      this.#paint();
    });
    this.curve = svg("svg", { role: "img" });
    new ResizeObserver(() => this.#paint()).observe(this.curve);
    this.after = make("p", { className: "readout number spelled" });
    this.elsewhere = make("p", { className: "readout number spelled elsewhere", hidden: true });
    this.bars = new DeltaBars("The answer before the step and after it");
    this.says = make("p", { className: "status", role: "status" });
    root.append(make(
      "div", { className: "columns" },
      make("div", { className: "picture" }, this.before, make("div", { className: "controls" }, this.slider.element), this.curve, this.after, this.elsewhere),
      make("div", { className: "story" }, this.bars.element, this.says),
    ));
  }

  update(data) {
    this.data = data;
    const { arrays } = unpack(fromBase64(data.payload));
    this.logits = Float64Array.from(arrays.logits.values);
    this.others = othersOf(arrays);
    this.probs = atTemperature(this.logits, 1);
    this.losses = Float64Array.from({ length: STEPS }, (_, step) => this.#loss(step));
    this.othersBefore = this.#others(0);
    this.othersAfter = Array.from({ length: this.others.length && STEPS }, (_, step) => this.#others(rateOf(step)));
    const rivals = [...this.probs.keys()].filter((i) => i !== data.label).sort((a, b) => this.probs[b] - this.probs[a]);
    this.shown = [data.label, ...rivals.slice(0, SHOWN)];
    this.#paint();
  }

  drawing() {
    return { svgs: [this.curve], texts: [this.before, this.after, this.elsewhere] };
  }

  #loss(step) {
    return crossEntropy(afterStep(this.logits, this.data.label, rateOf(step), this.data.gain), this.data.label);
  }

  #others(rate) {
    return othersAfter(this.others, this.logits, this.data.label, rate);
  }

  #paint() {
    const { data, logits, probs } = this;
    if (!data) return;
    const rate = rateOf(this.#step);
    const moved = atTemperature(afterStep(logits, data.label, rate, data.gain), 1);
    const [now, then] = [crossEntropy(logits, data.label), this.losses[this.#step]];
    const label = data.labels[data.label];
    this.slider.set({ value: this.#step, count: STEPS, text: rateText(rate) });
    setText(this.before, `before: −ln p(${label}) = ${minusLog(probs[data.label], formatNumber(now))}`);
    setText(this.after, `after:  ${minusLog(moved[data.label], formatNumber(then))}`);
    const [first] = strongestFew(moved, 1);
    this.bars.write(
      this.shown.map((i) => ({ label: data.labels[i], before: probs[i], after: moved[i] })),
      { label: data.labels[first], prob: moved[first] },
    );
    const [wrong] = this.shown.slice(1);
    setText(
      this.says,
      `The gradient by the logits is p − 1 = ${formatShort(probs[data.label] - 1)} for ${label} and p for every other class: ` +
        `${formatShort(probs[wrong])} for ${data.labels[wrong]}. The step moves each logit by −rate · ${formatNumber(data.gain)} · gradient; ` +
        `${formatNumber(data.gain)} is ${data.gain_is}.`,
    );
    this.#writeOthers();
    this.#draw(now, then, label);
  }

  #writeOthers() {
    const count = this.others.length;
    this.elsewhere.hidden = count === 0;
    if (count === 0) return;
    const [before, after] = [this.othersBefore, this.othersAfter[this.#step]];
    setText(
      this.elsewhere,
      `${count} other samples (blue): mean loss ${formatNumber(before.loss)}, after ${formatNumber(after.loss)}; right ${before.right}, after ${after.right}`,
    );
  }

  #draw(now, then, label) {
    const width = this.curve.clientWidth;
    if (width === 0) return;
    const { left, right, top, bottom } = MARGIN;
    this.curve.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const most = Math.max(1, Math.ceil(now), Math.ceil(2 * this.othersBefore.loss));
    const x = (step) => left + ((width - left - right) * step) / (STEPS - 1);
    const y = (loss) => top + (HEIGHT - top - bottom) * (1 - loss / most);
    const otherLosses = this.othersAfter.map(({ loss }) => loss);
    const path = (losses) => [...losses].map((loss, step) => `${step ? "L" : "M"}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join("");
    const beyond = otherLosses.findIndex((loss) => loss > most); // the curve leaves the picture there
    const ticks = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
    this.curve.replaceChildren(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: y(0), y2: y(0) }),
      svg("line", { class: "grid dashed", x1: left, x2: width - right, y1: y(now), y2: y(now) }),
      svg("path", { class: "curve elsewhere", d: path(beyond < 0 ? otherLosses : otherLosses.slice(0, beyond)) }),
      svg("path", { class: "curve", d: path(this.losses) }),
      svg("circle", { class: "dot", cx: x(this.#step), cy: y(then), r: 5 }),
      text(left - 8, y(0) + 4, "0", "end"), text(left - 8, y(most) + 8, String(most), "end"),
      ...(y(now) - y(most) > 22 && y(0) - y(now) > 18 ? [text(left - 8, y(now) + 4, formatShort(now), "end")] : []),
      ...ticks.map((power) => text(x((power - FIRST) * PER_DECADE), HEIGHT - bottom + 18, powerText(power), "middle")),
      text((width + left) / 2, HEIGHT - 20, "loss after one step, by learning rate", "middle"),
      text((width + left) / 2, HEIGHT - 4, "dashed: before", "middle"),
    );
    this.curve.setAttribute("aria-label", `Loss of ${label} after one step by learning rate: ${formatShort(now)} before, ${formatShort(then)} after, ${formatPercent(Math.exp(-then))}`);
  }
}

/** What Python sent of other photos; none where the reader did not ask for them. */
function othersOf({ other_logits: rows, other_labels: labels, other_gains: gains }) {
  if (!rows) return [];
  const size = rows.shape[1];
  return Array.from(labels.values, (label, n) => ({
    label, gain: gains.values[n], logits: Float64Array.from(rows.values.subarray(n * size, (n + 1) * size)),
  }));
}

const text = (x, y, words, anchor) => svg("text", { x, y, "text-anchor": anchor }, words);

export default entry(LossStep, "prediction loss-step");
