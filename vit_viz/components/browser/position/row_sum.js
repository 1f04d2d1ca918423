import { keepCount, make, setText } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { formatNumber } from "../shared/numbers.js";
import { Cells, Readout } from "../shared/plots.js";
import { colourScale } from "../shared/row_arithmetic.js";

/** Rows of numbers that add up, each cell in one colour scale. */
class RowSum {
  #index = null;

  constructor(root) {
    this.lines = make("div", { className: "lines" });
    this.readout = new Readout("");
    this.readout.element.setAttribute("role", "status");
    root.append(this.lines, this.readout.element);
    this.rows = [];
  }

  update(data, ramps) {
    this.data = data;
    keepCount(this.rows, data.rows.length, this.lines, (place) => this.#row(place));
    this.rows.forEach((row, i) => {
      const { sign, title, tone, values } = data.rows[i];
      setText(row.sign, sign);
      setText(row.title, title);
      row.title.className = `title ${tone}`;
      row.cells.name(`${title}, ${values.length} numbers`);
      row.cells.write(values, data.top, ramps);
    });
    this.readout.suggest(`${data.summary} Blue is below 0, vermilion above; ${colourScale(data.top)}.`);
    this.#write();
  }

  #row(place) {
    const describe = (index) => (this.data ? this.#value(place, index) : "");
    const cells = new Cells("", { describe, point: (index) => this.#point(index) });
    const [sign, title] = [make("span", { className: "sign" }), make("span", { className: "title" })];
    return { cells, sign, title, element: make("div", { className: "line" }, sign, title, cells.element) };
  }

  #value(place, index) {
    return `number ${index + 1}: ${formatNumber(this.data.rows[place].values[index])}`;
  }

  #point(index) {
    this.#index = index;
    for (const row of this.rows) row.cells.point(index);
    this.#write();
  }

  #write() {
    const index = this.#index;
    if (index === null || index >= this.data.rows[0].values.length) {
      this.readout.write(null);
      return;
    }
    const terms = this.data.rows.map(({ sign, values }) => `${sign} ${bracketed(values[index], sign)}`.trim());
    this.readout.write(`Number ${index + 1} of ${this.data.rows[0].values.length}:  ${terms.join("  ")}`);
  }
}

/** A negative number after a plus stands in brackets. */
function bracketed(value, sign) {
  const text = formatNumber(value);
  return value < 0 && sign === "+" ? `(${text})` : text;
}

export default entry(RowSum, "row-sum");
