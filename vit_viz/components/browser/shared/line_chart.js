import { make, ScreenBox, svg } from "./dom.js";
import { trueMinus } from "./numbers.js";
import { ticksWithin } from "./ticks.js";

const MARGIN = { left: 44, right: 12, top: 10, bottom: 38 };
const HEIGHT = 230;
const TICKS = 4;

/** Lines over depth, one dot per layer. `on` is {hover(depth or null), pick(depth)}. */
export class LineChart {
  constructor(title, on) {
    this.title = title;
    this.svg = svg("svg", { class: "chart", role: "img", "aria-label": title });
    this.box = make("div", { className: "chart-box" }, this.svg);
    this.element = make("figure", {}, make("figcaption", {}, title), this.box);
    const screen = new ScreenBox(this.box);
    const depthAt = (event) => this.#depthAt(screen.shares(event)[0]);
    this.box.addEventListener("pointermove", (event) => on.hover(depthAt(event)));
    this.box.addEventListener("pointerleave", () => on.hover(null));
    this.box.addEventListener("click", (event) => on.pick(depthAt(event)));
    new ResizeObserver(() => this.#paint()).observe(this.box);
  }

  /**
   * `series` are {name, kind, values, first}: `first` is the depth of values[0], `kind` a class.
   * `domain` is [low, high] of the values; `depth` the last one on the axis; `marked` has a rule.
   */
  write({ series, domain, depth, marked }) {
    Object.assign(this, { series, domain, depth, marked });
    this.#paint();
  }

  #depthAt(share) {
    const inside = (share * this.width - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    return Math.max(0, Math.min(this.depth, Math.round(inside * this.depth)));
  }

  #paint() {
    this.width = this.box.clientWidth;
    if (!this.series || this.width === 0) return;
    const { width, depth, domain: [low, high] } = this;
    const x = (at) => MARGIN.left + (at / depth) * (width - MARGIN.left - MARGIN.right);
    const y = (value) => HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.style.height = `${HEIGHT}px`;
    this.svg.replaceChildren(
      ...this.#axes(x, y),
      svg("line", { x1: x(this.marked), x2: x(this.marked), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, class: "rule" }),
      ...this.series.map((line) => curve(line, x, y)),
    );
  }

  #axes(x, y) {
    const { width, depth, domain: [low, high] } = this;
    const rows = ticksWithin(low, high, TICKS).flatMap((value) => [
      svg("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value), class: value === 0 ? "zero" : "grid" }),
      svg("text", { x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, trueMinus(String(value))),
    ]);
    const every = Math.ceil(depth / Math.max(3, Math.floor(width / 44)));
    const columns = Array.from({ length: depth + 1 }, (_, at) => at).filter((at) => at % every === 0);
    const labels = columns.map((at) =>
      svg("text", { x: x(at), y: HEIGHT - 20, "text-anchor": "middle" }, at === 0 ? "input" : String(at)),
    );
    const name = svg("text", { x: width - MARGIN.right + 4, y: HEIGHT - 5, "text-anchor": "end" }, "layer →");
    return [...rows, ...labels, name];
  }
}

function curve({ kind, values, first }, x, y) {
  const points = Array.from(values, (value, i) => [x(first + i), y(value)]);
  return svg(
    "g", { class: `series ${kind}` },
    svg("polyline", { points: points.map((point) => point.join(",")).join(" ") }),
    ...points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })),
  );
}
