import { make, PixelCanvas, setText } from "../shared/dom.js";
import { formatNumber, formatShort, formatWeight } from "../shared/numbers.js";
import { weightTerms } from "../shared/measures.js";
import { signedTone } from "../shared/tone.js";
import { byHand } from "../shared/hand_words.js";

const INVITATION = byHand("Click a cell of the matrix, or one of the strongest five: its weight is worked out here.");
const SHOWN_TERMS = 2;
const RAMPS = { q: "query", k: "key", "q⊙k": "product" };

/** One weight, term by term: q · k, its sum, the scale, the softmax of its row. */
export class ArithmeticPanel {
  constructor() {
    this.pair = make("p", { className: "pair" });
    this.strips = Object.keys(RAMPS).map((name) => ({ name, canvas: new PixelCanvas("strip") }));
    this.lines = make("div", { className: "lines", role: "list" });
    this.rows = make("tbody", {});
    this.summary = make("summary", {});
    const head = make("tr", {}, ...["", "q", "k", "q · k"].map((text) => make("th", { scope: "col" }, text)));
    this.terms = make(
      "details",
      { className: "terms" },
      this.summary,
      make(
        "div",
        { className: "scroll", tabIndex: 0 },
        make("table", {}, make("thead", {}, head), this.rows),
      ),
    );
    const strips = this.strips.map(({ name, canvas }) =>
      make(
        "div",
        { className: `strip-row ${name === "q" || name === "k" ? name : "product"}`, "aria-hidden": "true" },
        make("span", {}, name),
        canvas.element,
      ),
    );
    this.content = make("div", {}, make("div", { className: "strips" }, ...strips), this.lines, this.terms);
    this.element = make("div", { className: "arithmetic" }, this.pair, this.content);
    this.invite(INVITATION);
  }

  /** No pair is open: say why. */
  invite(sentence = INVITATION) {
    setText(this.pair, sentence);
    this.content.hidden = true;
  }

  /** arrays: q, k (T, K) and attn (T, T) of one head; cell {query, key}. */
  write(arrays, { cell, tokens, title, ramps }) {
    const {
      values: q,
      shape: [T, K],
    } = arrays.q;
    const k = arrays.k.values;
    const terms = weightTerms(q, k, K, cell.query, cell.key);
    const qRow = q.subarray(cell.query * K, (cell.query + 1) * K);
    const kRow = k.subarray(cell.key * K, (cell.key + 1) * K);
    setText(this.pair, `${tokens.label(cell.query)} → ${tokens.label(cell.key)}, ${title}`);
    this.content.hidden = false;
    this.#paint([qRow, kRow, terms.products], ramps);
    this.#writeLines(terms, { qRow, kRow, K, T, entry: arrays.attn.values[cell.query * T + cell.key] });
    setText(this.summary, `All ${K} terms`);
    this.rows.replaceChildren(
      ...Array.from(terms.products, (product, i) =>
        row([i + 1, ...[qRow[i], kRow[i], product].map(formatNumber)]),
      ),
    );
  }

  #paint(vectors, ramps) {
    // q and k share a scale, their products have their own
    const size = (...lists) => Math.max(...lists.flatMap((list) => Array.from(list, Math.abs)));
    const common = size(vectors[0], vectors[1]);
    const tops = [common, common, size(vectors[2])];
    this.strips.forEach(({ name, canvas }, place) => {
      canvas.resize(vectors[place].length, 1);
      vectors[place].forEach((value, i) => {
        canvas.pixels[i] = ramps[RAMPS[name]][signedTone(value, tops[place])];
      });
      canvas.show();
    });
  }

  #writeLines(terms, { qRow, kRow, K, T, entry }) {
    const first = Array.from(
      { length: Math.min(SHOWN_TERMS, K) },
      (_, i) => `${formatShort(qRow[i])} × ${formatShort(kRow[i])}`,
    );
    this.lines.replaceChildren(
      line("q · k", `${first.join(" + ")} + …`, "start"),
      line(`sum of ${K} terms`, formatNumber(terms.sum), "sum"),
      line(`÷ √${K} = score`, formatNumber(terms.score), "score"),
      line("e^score", formatNumber(terms.exponential), "exponential"),
      line(`Σ e^score over ${T} keys`, formatNumber(terms.denominator), "denominator"),
      line("weight = e^score ÷ Σ", formatWeight(terms.weight), "weight"),
      line("the same cell of the matrix", formatWeight(entry), "entry"),
    );
  }
}

function line(name, value, kind) {
  return make(
    "div",
    { className: `line ${kind}`, role: "listitem" },
    make("span", {}, name),
    make("span", { className: "number" }, value),
  );
}

function row(cells) {
  return make("tr", {}, ...cells.map((text) => make("td", {}, String(text))));
}
