import { make, setText } from "../shared/dom.js";
import { partSums, products, runningSums } from "./embedding_arithmetic.js";
import { Line } from "./embedding_plots.js";
import { sumSign } from "../shared/numbers.js";
import { colourScale, extent, four, largestSize, productText, signed } from "../shared/row_arithmetic.js";
import { Cells, Heat, Readout } from "../shared/plots.js";
import { capital } from "../shared/wording.js";

const PLANES = ["R", "G", "B"];
const OPERANDS = { patch: "patch, normalised", filter: "filter", product: "products" };

/** One patch times one filter: the products plane by plane, their sum, the bias where there is one, and the number. */
export class ProductFigure {
  constructor() {
    this.readout = new Readout("");
    const describe = (i) => (this.now ? this.#termText(i) : "");
    const plots = (Kind) => Object.fromEntries(Object.entries(OPERANDS).map(([name, title]) => [name, new Kind(title, { describe })]));
    this.planes = plots(Heat);
    this.strips = plots(Cells);
    this.line = new Line("The sum after each product", { describe: (i) => (this.now ? this.#sumText(i) : "") });
    for (const plot of [...Object.values(this.planes), ...Object.values(this.strips), this.line]) {
      plot.on.point = (index) => this.#point(index, plot === this.line);
    }
    this.title = make("h3", {});
    this.sums = PLANES.map(() => make("span", { className: "number" }));
    this.tops = Object.fromEntries(Object.keys(OPERANDS).map((name) => [name, make("span", { className: "number muted" })]));
    this.equation = make("div", { className: "equation number" });
    this.lineTitle = make("span", { className: "muted" });
    this.element = make(
      "div", { className: "product" }, this.title, this.#planeGrid(), this.#stripList(), this.equation,
      make("figure", { className: "running" }, make("figcaption", {}, this.lineTitle), this.line.element), this.readout.element,
    );
  }

  #planeGrid() {
    const column = (name) => make("div", { className: "operand" }, this.planes[name].element);
    const caption = (name) => make("div", { className: "operand-caption" }, make("span", {}, OPERANDS[name]), this.tops[name]);
    const letters = make("div", { className: "letters", "aria-hidden": "true" }, ...PLANES.map((plane) => make("span", {}, plane)));
    const sign = (text) => make("span", { className: "sign", "aria-hidden": "true" }, text);
    this.grid = make(
      "div", { className: "planes" },
      letters, column("patch"), sign("⊙"), column("filter"), sign("="), column("product"), make("div", { className: "sums" }, ...this.sums),
      make("span", {}), caption("patch"), make("span", {}), caption("filter"), make("span", {}), caption("product"),
      make("div", { className: "operand-caption" }, make("span", {}, "sums")),
    );
    return this.grid;
  }

  #stripList() {
    const rows = Object.keys(OPERANDS).map((name) => {
      const title = name === "patch" ? "features" : OPERANDS[name];
      return make("div", { className: "labelled" }, make("span", { className: "muted" }, title), this.strips[name].element);
    });
    this.list = make("div", { className: "strips" }, ...rows);
    return this.list;
  }

  /** {patch, dimension, kernel [C, h, w], fromPixels, ramps, inputs, filter, bias or null, inputsTop, number}. */
  write(now) {
    this.now = { ...now, terms: products(now.inputs, now.filter) };
    this.now.sums = runningSums(this.now.terms, now.bias);
    const part = now.fromPixels ? "pixel" : "number";
    this.readout.suggest(`Point at a ${part} to read its product; along the line to add the products up.`);
    this.grid.hidden = !now.fromPixels;
    this.list.hidden = now.fromPixels;
    const F = now.inputs.length;
    setText(this.title, `${capital(now.patch)} times filter ${now.dimension + 1}: ${F} products, one number`);
    this.#writeOperands();
    this.#writeEquation();
    this.line.write(this.now.sums, now.ramps);
    const order = now.fromPixels ? ", R, then G, then B" : "";
    const last = now.bias === null ? "" : "; last the bias";
    setText(this.lineTitle, `The sum as the ${F} products are added up${order}${last}. It goes ${extent(this.now.sums)}`);
  }

  #writeOperands() {
    const { inputs, filter, terms, inputsTop, fromPixels, kernel, ramps } = this.now;
    const [, height, width] = kernel;
    const values = { patch: inputs, filter, product: terms };
    const tops = { patch: inputsTop, filter: largestSize(filter), product: largestSize(terms) };
    for (const name of Object.keys(OPERANDS)) {
      setText(this.tops[name], colourScale(tops[name]));
      if (!fromPixels) this.strips[name].write(values[name], tops[name], ramps);
      else this.#writePlanes(this.planes[name], values[name], { rows: PLANES.length * height, cols: width, top: tops[name], ramp: "signed", ramps });
    }
  }

  #writePlanes(heat, values, how) {
    heat.write(values, how);
    heat.element.style.aspectRatio = `${how.cols} / ${how.rows}`;
    PLANES.forEach((plane, i) => heat.mark(`plane ${plane}`, (i * how.rows) / PLANES.length, 0, how.rows / PLANES.length, how.cols));
  }

  #writeEquation() {
    const { sums, bias, number, fromPixels } = this.now;
    const total = sums[this.now.terms.length - 1];
    const parts = fromPixels ? partSums(this.now.terms, PLANES.length) : [];
    parts.forEach((sum, i) => setText(this.sums[i], four(sum)));
    const terms = parts.map((part, i) => (i ? signed(part) : four(part)));
    const sum = fromPixels ? `${terms.join(" ")} ${sumSign(terms, four(total))} ` : "sum ";
    const summed = [make("span", { className: "muted" }, "products"), make("span", {}, sum, make("span", { className: "total" }, four(total)))];
    if (bias === null) return this.equation.replaceChildren(...summed);
    const withBias = [four(total), signed(bias)];
    return this.equation.replaceChildren(
      ...summed,
      make("span", { className: "muted" }, "with the bias"),
      make(
        "span", {}, `${withBias[0]} `, make("span", { className: "bias" }, withBias[1]), ` ${sumSign(withBias, four(number))} `,
        make("strong", { className: "result" }, four(number)),
      ),
    );
  }

  #termText(i) {
    const { inputs, filter, terms, kernel, fromPixels } = this.now;
    const where = fromPixels ? `${placeName(i, kernel)}: ` : `feature ${i + 1}: `;
    return `${capital(where)}${productText(inputs[i], filter[i], terms[i])}`;
  }

  #sumText(i) {
    const { sums, terms } = this.now;
    if (i === terms.length) return `With the bias: ${four(sums[i])}`;
    return `Sum after ${i + 1} of ${terms.length}: ${four(sums[i])}`;
  }

  #point(index, onLine) {
    const inTerms = index !== null && index < this.now.terms.length;
    for (const plot of Object.values(this.now.fromPixels ? this.planes : this.strips)) plot.point(inTerms ? index : null);
    if (!onLine) this.line.point(index);
    if (index === null) return this.readout.write(null);
    const text = inTerms ? `${this.#termText(index)} · ${this.#sumText(index).toLowerCase()}` : this.#sumText(index);
    return this.readout.write(text);
  }
}

function placeName(index, [, height, width]) {
  const size = height * width;
  const [y, x] = [Math.floor((index % size) / width), index % width];
  return `${PLANES[Math.floor(index / size)]} of pixel (${y + 1}, ${x + 1})`;
}
