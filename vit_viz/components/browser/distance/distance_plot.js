import { spread } from "./distance_arithmetic.js";
import { make, setAttributes, svg } from "../shared/dom.js";
import { isChord } from "../shared/keys.js";
import { ticksUpTo } from "../shared/ticks.js";

const MARGIN = { left: 44, right: 10, top: 10, bottom: 40 };
const MASS_HEIGHT = 84;
const GAP = 30;
const NEAR = 36; // pixels from a dot at which it is still meant
const NARROW = 560;
const [LEAST_RADIUS, MOST_RADIUS] = [2, 5];

/**
 * One dot per head by depth, and below it each head's weight on prefix tokens.
 *
 * `on` is {hover({layer, head} or null), pick({layer, head}), walk(key)}.
 */
export class DistancePlot {
  #dots = [];

  constructor(on) {
    this.on = on;
    this.svg = svg("svg", { "aria-hidden": "true" });
    this.ground = svg("g");
    this.beside = svg("g", { class: "beside" });
    this.group = svg("g");
    this.front = svg("g");
    this.svg.append(this.ground, this.beside, this.group, this.front);
    this.element = make(
      "div", { className: "dots", tabIndex: 0, role: "application", "aria-roledescription": "dot plot of heads" }, this.svg,
    );
    new ResizeObserver(() => this.#layOut()).observe(this.element);
    this.#listen();
  }

  #listen() {
    const { element } = this;
    element.addEventListener("pointermove", (event) => this.on.hover(this.#near(event)));
    element.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.on.hover(null));
    element.addEventListener("blur", () => this.on.hover(null));
    element.addEventListener("click", (event) => {
      const dot = this.#near(event);
      if (dot) this.on.pick(dot);
    });
    element.addEventListener("keydown", (event) => {
      if (isChord(event) || !/^(Arrow\w+|Enter|Home|End)$/.test(event.key)) return;
      this.on.walk(event.key);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  #near(event) {
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const inMass = this.facts?.hasPrefix && y > this.places.massTop - GAP / 2;
    let best = null;
    for (const dot of this.facts?.dots ?? []) {
      const apart = Math.hypot(x - this.#x(dot), y - (inMass ? this.#massY(dot.mass) : this.#y(dot.value)));
      if (apart < (best?.apart ?? NEAR)) best = { apart, dot };
    }
    return best && { layer: best.dot.layer, head: best.dot.head };
  }

  /**
   * facts: {layers (how many the axis has), numHeads, dots [{layer, head, value, error, mass}], beside likewise or null,
   * top (largest value of the axis), hasPrefix, prefixName, unit, uniform or null, field [one a layer] or null,
   * band [[low, high]] or null}. Values are in `unit`.
   */
  draw(facts) {
    this.facts = facts;
    this.#layOut();
  }

  /** Ring the chosen head, and the one pointed at. */
  mark({ chosen, hovered }) {
    Object.assign(this, { chosen, hovered });
    if (this.places) this.#markDots();
  }

  name(text) {
    this.element.setAttribute("aria-label", text);
  }

  // ---- places

  #x({ layer, head, numHeads = this.facts.numHeads }) {
    return this.#middle(layer) + spread(head, numHeads) * this.places.step;
  }

  #middle(layer) {
    return MARGIN.left + (layer + 0.5) * this.places.step;
  }

  #y(value) {
    const { height } = this.places;
    return MARGIN.top + height * (1 - value / this.places.top);
  }

  #massY(mass) {
    return this.places.massTop + MASS_HEIGHT * (1 - mass);
  }

  #layOut() {
    const { facts } = this;
    const width = this.element.clientWidth;
    if (!facts || width === 0) return;
    const height = width < NARROW ? 240 : 320;
    const labels = ticksUpTo(facts.top, 6);
    this.places = {
      width, height,
      step: (width - MARGIN.left - MARGIN.right) / facts.layers,
      top: labels.at(-1),
      massTop: MARGIN.top + height + GAP,
    };
    const whole = MARGIN.top + height + (facts.hasPrefix ? GAP + MASS_HEIGHT : 0) + MARGIN.bottom;
    setAttributes(this.svg, { width, height: whole, viewBox: `0 0 ${width} ${whole}` });
    this.ground.replaceChildren(...this.#axes(labels, whole), ...this.#lines());
    this.beside.replaceChildren(...this.#besideDots());
    this.#placeDots();
    this.#markDots();
  }

  #axes(labels, whole) {
    const { width, massTop, step } = this.places;
    const right = width - MARGIN.right;
    const grid = (y) => svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y, y2: y });
    const label = (text, x, y, anchor) => svg("text", { x, y, "text-anchor": anchor, class: "tick" }, text);
    const parts = labels.flatMap((value) => [
      grid(this.#y(value)), label(String(value), MARGIN.left - 8, this.#y(value) + 4, "end"),
    ]);
    if (this.facts.hasPrefix) {
      for (const share of [0, 0.5, 1]) {
        parts.push(grid(this.#massY(share)), label(`${100 * share}%`, MARGIN.left - 8, this.#massY(share) + 4, "end"));
      }
      parts.push(svg("text", { class: "title", x: MARGIN.left, y: massTop - 9 }, `weight on ${this.facts.prefixName}`));
    }
    const every = Math.ceil(22 / step);
    for (let layer = 0; layer < this.facts.layers; layer += every) {
      parts.push(label(String(layer + 1), this.#middle(layer), whole - MARGIN.bottom + 18, "middle"));
    }
    parts.push(svg("text", { class: "title", x: right, y: whole - 4, "text-anchor": "end" }, "layer →"));
    return parts;
  }

  #lines() {
    const { uniform, field, band } = this.facts;
    const right = this.places.width - MARGIN.right;
    const parts = [];
    if (band) {
      const edge = (side, layers) => layers.map((layer) => `${this.#middle(layer)},${this.#y(band[layer][side])}`);
      const layers = band.map((_, layer) => layer);
      parts.push(svg("polygon", { class: "band", points: [...edge(1, layers), ...edge(0, layers.toReversed())].join(" ") }));
    }
    if (uniform !== null) {
      parts.push(svg("line", { class: "uniform", x1: MARGIN.left, x2: right, y1: this.#y(uniform), y2: this.#y(uniform) }));
    }
    if (field) {
      const points = field.map((value, layer) => `${this.#middle(layer)},${this.#y(Math.min(value, this.places.top))}`);
      parts.push(svg("polyline", { class: "field", points: points.join(" ") }));
    }
    return parts;
  }

  #besideDots() {
    return (this.facts.beside ?? []).flatMap((dot) => [
      ...this.#errorBar(dot),
      svg("rect", { class: "hollow", width: 7, height: 7, x: this.#x(dot) - 3.5, y: this.#y(dot.value) - 3.5 }),
    ]);
  }

  #errorBar(dot) {
    if (!dot.error) return [];
    const x = this.#x(dot);
    return [svg("line", { class: "error", x1: x, x2: x, y1: this.#y(dot.value - dot.error), y2: this.#y(dot.value + dot.error) })];
  }

  // ---- dots keep their elements, so that they move where they go

  #placeDots() {
    const { dots, hasPrefix } = this.facts;
    if (this.#dots.length !== dots.length) {
      this.#dots = dots.map(() => ({
        dot: svg("circle", { class: "dot" }), stem: svg("line", { class: "stem" }), mass: svg("circle", { class: "mass" }),
      }));
      this.group.replaceChildren(...this.#dots.flatMap(({ dot, stem, mass }) => [stem, mass, dot]));
    }
    const between = (spread(1, this.facts.numHeads) - spread(0, this.facts.numHeads)) * this.places.step;
    const radius = Math.max(LEAST_RADIUS, Math.min(MOST_RADIUS, 0.6 * between));
    dots.forEach((facts, index) => {
      const { dot, stem, mass } = this.#dots[index];
      const x = this.#x(facts);
      dot.style.transform = `translate(${x}px, ${this.#y(facts.value)}px)`;
      setAttributes(dot, { r: radius });
      for (const part of [stem, mass]) part.style.display = hasPrefix ? "" : "none";
      if (!hasPrefix) return;
      setAttributes(stem, { x1: x, x2: x, y1: this.#massY(0), y2: this.#massY(facts.mass) });
      setAttributes(mass, { cx: x, cy: this.#massY(facts.mass), r: 2.5 });
    });
  }

  #markDots() {
    const { dots, hasPrefix } = this.facts;
    const find = (wanted) => wanted && dots.find(({ layer, head }) => layer === wanted.layer && head === wanted.head);
    const rings = [["chosen", find(this.chosen)], ["hovered", find(this.hovered)]].flatMap(([name, dot]) =>
      dot
        ? [
            svg("circle", { class: `ring ${name}`, cx: this.#x(dot), cy: this.#y(dot.value), r: 9 }),
            ...(hasPrefix ? [svg("circle", { class: `ring ${name}`, cx: this.#x(dot), cy: this.#massY(dot.mass), r: 6 })] : []),
          ]
        : [],
    );
    this.front.replaceChildren(...dots.flatMap((dot) => this.#errorBar(dot)), ...rings);
  }
}
