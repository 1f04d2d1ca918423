import { distanceOf, headDistance, rowSum } from "./distance_arithmetic.js";
import { make, setText } from "../shared/dom.js";
import { strongestFew } from "../shared/measures.js";
import { formatWeight, sumSign } from "../shared/numbers.js";
import { capital } from "../shared/wording.js";

const SHOWN = 5;

/** The sum behind one dot: the picked patch's row, term by term, then the mean over all rows. `on.point(token or null)`. */
export class DistanceSum {
  constructor(on) {
    this.on = on;
    this.heading = make("h3", {});
    this.list = make("ul", { className: "terms" });
    this.element = make("div", { className: "sum" }, this.heading, this.list);
  }

  /** Before the numbers are there. */
  wait({ layer, head }) {
    setText(this.heading, `The sum behind head ${head + 1} of layer ${layer + 1}`);
    this.list.replaceChildren(make("li", { className: "quiet" }, make("span", {}, "…")));
  }

  /** attn (T, T) of the head; `unit` is {name, factor} from pixels; the dot is this photo's, or an average's. */
  write({ attn, layer, head, token, tokens, renormalised, unit, isTheDot }) {
    const T = tokens.numTokens;
    const row = attn.subarray(token * T, (token + 1) * T);
    const sum = rowSum(row, token, tokens);
    const top = strongestFew(sum.terms, SHOWN).filter((key) => sum.terms[key] > 0);
    const rest = sum.total - top.reduce((all, key) => all + sum.terms[key], 0);
    const printed = [...top.map((key) => sum.terms[key]), rest].map((pixels) => amount(pixels, unit));
    const sign = sumSign(printed, amount(sum.total, unit)) === "=" ? "" : "≈ ";
    setText(this.heading, `Head ${head + 1} of layer ${layer + 1}, ${tokens.label(token)} as the query`);
    this.list.replaceChildren(
      ...this.#terms(row, { sum, top, rest }, token, tokens, unit),
      ...this.#result(sum, sign, tokens, renormalised, unit),
      item("total", `Mean of all ${tokens.numPatches} rows${isTheDot ? ": the dot" : " on this photo"}`, "", length(headDistance(attn, tokens, renormalised), unit)),
    );
    return sum;
  }

  #terms(row, { sum, top, rest }, token, tokens, unit) {
    const lines = top.map((key) => {
      const apart = tokens.distance(token, key);
      const line = item("", capital(tokens.label(key)), product(apart, row[key], unit), length(sum.terms[key], unit));
      line.addEventListener("pointerenter", () => this.on.point(key));
      line.addEventListener("pointerleave", () => this.on.point(null));
      return line;
    });
    lines.push(item("", `The other ${tokens.numPatches - top.length - 1} patches`, "", length(rest, unit)));
    lines.push(item("quiet", "Itself", product(0, row[token], unit), length(0, unit)));
    return lines;
  }

  #result(sum, sign, tokens, renormalised, unit) {
    const dropped = tokens.numPrefix > 0
      ? [item("quiet", `${tokens.prefixTitle}, no place: dropped`, formatWeight(sum.onPrefix), "")]
      : [];
    const total = item("total", "This row", "", sign + length(sum.total, unit));
    if (!renormalised) return [...dropped, total];
    const divided = distanceOf(sum, true);
    return [...dropped, total, item("", "÷ its weight on patches", formatWeight(sum.onPatches), length(divided, unit))];
  }
}

/** A distance of `pixels` in the unit of the page. */
export const length = (pixels, unit) => `${amount(pixels, unit)} ${unit.name}`;

const amount = (pixels, { factor }) => (pixels * factor).toFixed(2);

function product(pixels, weight, unit) {
  return `${length(pixels, unit)} × ${formatWeight(weight)}`;
}

function item(className, name, arithmetic, result) {
  return make(
    "li", { className }, make("span", {}, name),
    make("span", { className: "number product" }, arithmetic), make("span", { className: "number" }, result),
  );
}
