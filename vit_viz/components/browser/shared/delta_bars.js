import { make, setText } from "./dom.js";
import { fixed, formatPercent, printed, sumSign } from "./numbers.js";

/** Change of a probability in percentage points, always with its sign; 0 has none. */
export function formatPoints(delta) {
  const points = fixed(delta * 100, 1);
  if (printed(points) === 0) return "0.0";
  return delta > 0 ? `+${points}` : points;
}

/** The change between two printed percentages, in points; "≈" where these, subtracted, give another. */
export function formatChange(before, after) {
  const points = formatPoints(after - before);
  const [was, now] = [before, after].map((share) => fixed(100 * share, 1));
  return sumSign([was, points], now) === "=" ? points : `≈ ${points}`;
}

/** Probabilities as bars, with a thin line where each was before; the row below names what is first now. */
export class DeltaBars {
  constructor(title) {
    const head = make("div", { className: "delta-head" }, make("h3", {}, title), make("span", {}, "change, points"));
    this.rows = make("div", { className: "delta-rows", role: "list" });
    this.first = make("p", { className: "first-now" });
    this.element = make("div", { className: "delta-bars" }, head, this.rows, this.first);
  }

  /** rows [{label, before, after}] of shares; `first` {label, prob} is the most probable class now. */
  write(rows, first) {
    if (this.rows.childElementCount !== rows.length) this.rows.replaceChildren(...rows.map(() => barRow()));
    rows.forEach(({ label, before, after }, i) => {
      const row = this.rows.children[i];
      setText(row.querySelector(".name"), label);
      setText(row.querySelector(".now"), formatPercent(after));
      setText(row.querySelector(".change"), formatChange(before, after));
      row.querySelector(".fill").style.width = `${100 * after}%`;
      row.querySelector(".was").style.left = `${100 * before}%`;
      row.setAttribute("aria-label", `${label}: ${formatPercent(before)} before, ${formatPercent(after)} now`);
    });
    setText(this.first, `First now: ${first.label}, ${formatPercent(first.prob)}`);
  }

  wait(isWaiting) {
    this.element.classList.toggle("waiting", isWaiting);
    this.element.setAttribute("aria-busy", String(isWaiting));
  }
}

function barRow() {
  return make(
    "div", { role: "listitem", className: "delta-row" },
    make("span", { className: "name" }),
    make("span", { className: "bar" }, make("span", { className: "fill" }), make("span", { className: "was" })),
    make("span", { className: "number now" }), make("span", { className: "number change" }),
  );
}
