import { make, setText } from "../shared/dom.js";
import { strongest, weightTerms } from "../shared/measures.js";
import { equalSign, formatWeight, printed, subscript, sumSign } from "../shared/numbers.js";
import { colourScale, extent, four, fullColour, largestSize, largestTerms, productText, row, signed, sumTerms } from "../shared/row_arithmetic.js";
import { Bars, Cells, Heat, Readout } from "../shared/plots.js";

const STEPS = ["input", "project", "dot", "scale", "softmax", "mix", "concat", "output"];
const SHOWN_TERMS = 3;
const SHOWN_KEYS = 5;
// maps of all tokens at the end of the way: for those who ask
const FOLDED = { concat: "Show the map of all heads", output: "Show the map and the row" };
const STRIP_HINT = "Point at a cell to read it. Blue is below 0, vermilion above";

const TINTED_HINT = "Point at a cell. Grey: below 0";
const TOKEN_HINT = "Point at a token; click or Enter makes it the key.";

/**
 * The pipeline from the normalised input to the output projection, one section per step.
 *
 * `on` is {over(step or null), key(token), pair(query, key)}. `write(now)` takes
 * {tokens, sizes: {T, D, H, K}, token, key, layer, head, arrays, ramps, norm, notes}; arrays are float32 of the trace.
 */
export class Steps {
  constructor(on) {
    this.on = on;
    this.parts = {};
    this.element = make("div", { className: "steps" }, ...STEPS.map((name, place) => this.#section(name, place + 1)));
  }

  #section(name, number) {
    const part = {
      title: make("h3", {}),
      formula: make("p", { className: "formula" }),
      chip: make("span", { className: "chip" }),
      note: make("p", { className: "note", hidden: true }),
    };
    this.parts[name] = part;
    const head = make("div", { className: "step-head" }, make("span", { className: "step-number", "aria-hidden": "true" }, String(number)), part.title, part.formula, part.chip);
    const built = BUILD[name](part, this);
    if (name in FOLDED) part.fold = make("details", {}, make("summary", {}, FOLDED[name]), ...built);
    part.element = make("section", { className: `step ${name}`, tabIndex: -1, "data-step": name }, head, ...(part.fold ? [part.fold] : built), part.note);
    part.element.addEventListener("pointerenter", () => this.on.over(name));
    part.element.addEventListener("pointerleave", () => this.on.over(null));
    part.element.addEventListener("focusin", () => this.on.over(name));
    return part.element;
  }

  /** Light the sections of these steps; null for none. */
  light(steps) {
    for (const name of STEPS) this.parts[name].element.classList.toggle("lit", Boolean(steps?.includes(name)));
  }

  open(step) {
    const { element, fold } = this.parts[step];
    if (fold) fold.open = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    element.focus({ preventScroll: true });
  }

  write(now) {
    this.now = { ...now, terms: weightTerms(now.arrays.q.values, now.arrays.k.values, now.sizes.K, now.token, now.key) };
    for (const name of STEPS) {
      const part = this.parts[name];
      WRITE[name](part, this.now);
      setText(part.note, now.notes[name] ?? "");
      part.note.hidden = !now.notes[name];
    }
  }
}

// ---- how each step is built

const labelled = (label, kind, plot) => make("div", { className: "labelled" }, make("span", { className: `label ${kind}` }, label), plot.element);
const captioned = (className, caption, ...children) => make("figure", { className }, make("figcaption", {}, caption), ...children);
const equation = () => make("p", { className: "equation" });

/** Strips of one width that are pointed at together. */
function linked(plots, readout, describe) {
  const point = (index) => {
    for (const plot of plots) plot.point(index);
    readout.write(index === null ? null : describe(index));
  };
  for (const plot of plots) plot.on.point = point;
}

const BUILD = {
  input(part) {
    part.readout = new Readout(STRIP_HINT);
    part.read = (i) => `h[${i + 1}] = ${four(part.row[i])}`;
    part.cells = new Cells("Normalised input", { describe: (i) => (part.row ? part.read(i) : "") });
    linked([part.cells], part.readout, part.read);
    return [labelled("h", "grey", part.cells), part.readout.element];
  },

  project(part) {
    part.readout = new Readout(STRIP_HINT);
    const describe = (i) => `q[${i + 1}] = ${four(part.rows.q[i])} · k[${i + 1}] = ${four(part.rows.k[i])} · v[${i + 1}] = ${four(part.rows.v[i])}`;
    part.plots = Object.fromEntries(["q", "k", "v"].map((name) => [
      name, new Cells(NAMES[name], { describe: (i) => (part.rows ? `${name}[${i + 1}] = ${four(part.rows[name][i])}` : "") }),
    ]));
    linked(Object.values(part.plots), part.readout, describe);
    return [
      labelled("q", "blue", part.plots.q), labelled("k", "vermilion", part.plots.k), labelled("v", "green", part.plots.v),
      part.readout.element,
    ];
  },

  dot(part) {
    part.readout = new Readout("Point at a term to read it.");
    const describe = (i) => (part.terms ? `${i + 1}: ${productText(part.q[i], part.k[i], part.terms[i])}` : "");
    part.query = new Cells("Query", { describe });
    part.key = new Cells("Key", { describe });
    part.products = new Bars("Products of query and key", { describe });
    linked([part.query, part.key, part.products], part.readout, describe);
    part.equation = equation();
    part.queryRow = labelled("q", "blue", part.query);
    part.keyRow = labelled("k", "vermilion", part.key);
    return [part.queryRow, part.keyRow, labelled("q ⊙ k", "purple", part.products), part.readout.element, part.equation];
  },

  scale(part, steps) {
    part.readout = new Readout(TOKEN_HINT);
    part.read = (token) => (part.scores ? `${part.tokens.label(token)}: score ${four(part.scores[token])}` : "");
    part.bars = new Bars("Scores of all tokens", { describe: part.read, pick: (token) => steps.on.key(token) });
    linked([part.bars], part.readout, part.read);
    part.equation = equation();
    return [part.equation, labelled("s", "purple", part.bars), part.readout.element];
  },

  softmax(part, steps) {
    part.readout = new Readout(TOKEN_HINT);
    part.read = (token) => (part.weights ? `${part.tokens.label(token)}: weight ${formatWeight(part.weights[token])}` : "");
    part.bars = new Bars("Weights of all tokens", { describe: part.read, pick: (token) => steps.on.key(token) });
    linked([part.bars], part.readout, part.read);
    part.equation = equation();
    part.sum = equation();
    part.keys = Array.from({ length: SHOWN_KEYS }, (_, place) => new KeyButton(() => steps.on.key(part.best[place])));
    part.list = make("ol", { className: "strongest" }, ...part.keys.map((item) => item.element));
    part.cell = new Readout("Click a cell to pick its query and key.");
    const pair = (i) => [Math.floor(i / part.T), i % part.T];
    const read = (i) => {
      if (!part.attn) return "";
      const [query, key] = pair(i);
      return `${part.tokens.label(query)} → ${part.tokens.label(key)}: ${formatWeight(part.attn[i])}`;
    };
    part.matrix = new Heat("Weights of all pairs", { describe: read, pick: (i) => steps.on.pair(...pair(i)) });
    linked([part.matrix], part.cell, read);
    return [
      part.equation, labelled("a", "purple", part.bars), part.readout.element, part.sum,
      make(
        "div", { className: "side-by-side" },
        captioned("all-pairs", "All rows: query ↓, key →", part.matrix.element, part.cell.element),
        captioned("strongest-five", "Strongest keys of this row", part.list),
      ),
    ];
  },

  mix(part) {
    part.readout = new Readout("Point at one number of o to see what it is made of.");
    part.read = (i) => (part.out ? `o[${i + 1}] = ${four(part.out[i])}` : "");
    part.cells = new Cells("The head's output for this token", { describe: part.read });
    part.list = make("ul", { className: "terms" });
    part.columns = new Heat("Values", {
      describe: (i) => (part.v ? `v of ${part.tokens.label(Math.floor(i / part.K))}, number ${(i % part.K) + 1}: ${four(part.v[i])}` : ""),
    });
    part.weightColumn = new Heat("Weights of this row", {
      describe: (token) => (part.weights ? `${part.tokens.label(token)}: weight ${formatWeight(part.weights[token])}` : ""),
    });
    part.all = new Heat("Outputs of all tokens", {
      describe: (i) => (part.allOut ? `o of ${part.tokens.label(Math.floor(i / part.K))}, number ${(i % part.K) + 1}: ${four(part.allOut(i))}` : ""),
    });
    part.matrixReadout = new Readout("Point at a map to read it.");
    for (const plot of [part.columns, part.weightColumn, part.all]) linked([plot], part.matrixReadout, plot.on.describe);
    linked([part.cells], part.readout, part.read);
    const follow = part.cells.on.point;
    part.cells.on.point = (index) => {
      follow(index);
      if (index !== null) part.explain(index);
    };
    const maps = make(
      "div", { className: "maps" },
      captioned("weights-map", "a", part.weightColumn.element), captioned("values-map", "V", part.columns.element),
      captioned("outputs-map", "O, for all tokens", part.all.element),
    );
    return [labelled("o", "green", part.cells), part.readout.element, part.list, maps, part.matrixReadout.element];
  },

  concat(part) {
    part.readout = new Readout("Point at the map to read it.");
    const read = (i) => {
      if (!part.values) return "";
      const col = i % part.width;
      const token = Math.floor(i / part.width);
      return `${part.tokens.label(token)}, head ${Math.floor(col / part.K) + 1}, number ${(col % part.K) + 1}: ${four(part.values[i])}`;
    };
    part.map = new Heat("Outputs of all heads side by side", { describe: read });
    linked([part.map], part.readout, read);
    return [part.map.element, part.readout.element];
  },

  output(part) {
    part.readout = new Readout("Point at the map or the strip to read it.");
    const read = (i) => {
      if (!part.values) return "";
      return `${part.tokens.label(Math.floor(i / part.width))}, number ${(i % part.width) + 1}: ${four(part.values[i])}`;
    };
    part.map = new Heat("Output projection of all tokens", { describe: read });
    part.cells = new Cells("Output projection of this token", { describe: (i) => (part.values ? read(part.token * part.width + i) : "") });
    linked([part.map], part.readout, read);
    linked([part.cells], part.readout, part.cells.on.describe);
    return [part.map.element, labelled("o W", "grey", part.cells), part.readout.element];
  },
};

const NAMES = { q: "Query", k: "Key", v: "Value" };

// ---- what each step says of one selection

function entitle(part, title, formula, chip) {
  setText(part.title, title);
  setText(part.formula, formula);
  setText(part.chip, chip);
}

/** A line of text and tinted numbers: strings, or [class, text]. */
function writeEquation(element, ...pieces) {
  element.replaceChildren(...pieces.map((piece) => (Array.isArray(piece) ? make("span", { className: piece[0] }, piece[1]) : piece)));
}

const WRITE = {
  input(part, { arrays, sizes: { T, D }, token, tokens, ramps, norm }) {
    part.row = row(arrays.normed.values, D, token);
    entitle(part, `Input row of ${tokens.label(token)}`, norm ? `h = ${norm}(z)` : "h = z", `1 × ${D} of ${T} × ${D}`);
    part.cells.write(part.row, largestSize(part.row), ramps);
    part.readout.suggest(`${STRIP_HINT}; ${colourScale(part.cells.top)}.`);
  },

  project(part, { arrays, sizes: { T, D, K }, token, layer, head, ramps }) {
    part.rows = Object.fromEntries(["q", "k", "v"].map((name) => [name, row(arrays[name].values, K, token)]));
    entitle(part, `Its query, key and value in layer ${layer + 1}, head ${head + 1}`, `q, k, v = Linear(h), ${D} → ${K} each`, `3 of ${T} × ${K}`);
    const [top, topOfV] = [largestSize(part.rows.q, part.rows.k), largestSize(part.rows.v)];
    part.plots.q.write(part.rows.q, top, ramps, "query");
    part.plots.k.write(part.rows.k, top, ramps, "key");
    part.plots.v.write(part.rows.v, topOfV, ramps, "value");
    part.readout.suggest(`${TINTED_HINT}; ${colourScale(top, " in q and k")}, ±${four(topOfV)} in v.`);
  },

  dot(part, { arrays, sizes: { K }, token, key, tokens, terms, ramps }) {
    part.q = row(arrays.q.values, K, token);
    part.k = row(arrays.k.values, K, key);
    part.terms = terms.products;
    entitle(part, `Does ${tokens.label(token)} look for what ${tokens.label(key)} offers?`, `q · k = Σ qᵢ kᵢ, i = 1 … ${K}`, `${K} terms`);
    part.query.name(`Query of ${tokens.spoken(token)}`);
    part.key.name(`Key of ${tokens.spoken(key)}`);
    const top = largestSize(part.q, part.k);
    part.query.write(part.q, top, ramps, "query");
    part.key.write(part.k, top, ramps, "key");
    part.products.write(part.terms, { top: largestSize(part.terms), colours: endsOf(ramps.product), isSigned: true, ramps });
    part.products.point(part.products.index);
    part.readout.suggest(`Point at a term. Bars ${extent(part.terms)}; ${colourScale(top, " in q and k")}.`);
    const first = Array.from(part.terms.subarray(0, SHOWN_TERMS), (term, i) => (i === 0 ? four(term) : signed(term)));
    const more = K > SHOWN_TERMS ? ` + … (${K} terms)` : "";
    writeEquation(part.equation, ["blue", "q"], " · ", ["vermilion", "k"], ` = ${first.join(" ")}${more} = `, ["strong dot-sum", four(terms.sum)]);
  },

  scale(part, { arrays, sizes: { T, K }, token, key, tokens, terms, ramps }) {
    Object.assign(part, { tokens, scores: row(arrays.scores.values, T, token) });
    entitle(part, "Divide by the root of the head's size", `s = q · k / √${K}`, `1 × ${T} of ${T} × ${T}`);
    const [dot, root, score] = [terms.sum, Math.sqrt(K), part.scores[key]].map(four);
    const sign = equalSign(printed(dot) / printed(root), score);
    writeEquation(part.equation, `s = ${dot} / √${K} = ${dot} / ${root} ${sign} `, ["strong score", score]);
    part.readout.suggest(`${TOKEN_HINT} Bars ${extent(part.scores)}.`);
    part.bars.write(part.scores, { top: largestSize(part.scores), colours: endsOf(ramps.product), isSigned: true, ramps });
    part.bars.mark("key", 0, key);
  },

  softmax(part, { arrays, sizes: { T }, token, key, tokens, terms, ramps }) {
    const weights = row(arrays.attn.values, T, token);
    Object.assign(part, { tokens, T, weights, attn: arrays.attn.values });
    entitle(part, "Scores become weights", `a = e^s / Σ e^s over ${T} keys`, `1 × ${T} of ${T} × ${T}`);
    const [power, denominator] = [terms.exponential, terms.denominator].map(four);
    const share = formatWeight(weights[key]);
    writeEquation(
      part.equation, `a = e^s / Σ e^s = ${power} / `, ["denominator", denominator],
      ` ${equalSign(printed(power) / printed(denominator), share)} `, ["strong weight", share],
    );
    writeEquation(part.sum, `Sum of the ${T} weights: `, ["strong row-sum", weights.reduce((sum, weight) => sum + weight, 0).toFixed(6)]);
    const best = strongest(weights, Math.min(SHOWN_KEYS, T));
    part.readout.suggest(`${TOKEN_HINT} Bars from 0 to ${formatWeight(weights[best[0]])}.`);
    part.bars.write(weights, { top: weights[best[0]], colours: { up: ramps.attention[150], down: 0 }, isSigned: false, ramps });
    part.bars.mark("key", 0, key);
    const sides = { rows: T, cols: T, top: fullColour(part.attn), ramp: "attention", ramps };
    part.matrix.write(part.attn, sides);
    part.matrix.mark("query", token, 0, 1, T);
    part.matrix.mark("key", 0, key, T, 1);
    part.best = best;
    part.keys.forEach((item, place) => item.write(tokens, weights, best[place], key));
  },

  mix(part, { arrays, sizes: { T, H, K }, token, tokens, head, ramps }) {
    const weights = row(arrays.attn.values, T, token);
    const concat = arrays.concat.values;
    const at = (i) => concat[Math.floor(i / K) * H * K + head * K + (i % K)];
    if (part.source !== concat || part.head !== head) {
      part.outputs = Float32Array.from({ length: T * K }, (_, i) => at(i));
      Object.assign(part, { source: concat, head });
    }
    const v = arrays.v.values;
    const out = row(part.outputs, K, token);
    Object.assign(part, { tokens, K, weights, v, out, allOut: at });
    entitle(part, "The weights mix the values", `o = Σ aⱼ vⱼ, O${subscript(head + 1)} = A V`, `1 × ${K} of ${T} × ${K}`);
    part.cells.write(out, largestSize(out), ramps, "value");
    part.readout.suggest(`Point at one number of o to see what it is made of; ${colourScale(part.cells.top)}.`);
    part.weightColumn.write(weights, { rows: T, cols: 1, top: largestSize(weights), ramp: "attention", ramps });
    part.columns.write(v, { rows: T, cols: K, top: fullColour(v), ramp: "value", ramps });
    const top = fullColour(part.outputs);
    part.all.write(part.outputs, { rows: T, cols: K, top, ramp: "value", ramps });
    part.matrixReadout.suggest(`Point at a map to read it; ${colourScale(fullColour(v), " in V")}, ±${four(top)} in O.`);
    part.all.mark("query", token, 0, 1, K);
    part.explain = (index) => explain(part, index);
    explain(part, Math.min(part.explained ?? largestTerms(out, 1)[0], K - 1));
  },

  concat(part, { arrays, sizes: { T, H, K }, token, tokens, head, ramps }) {
    const { values } = arrays.concat;
    Object.assign(part, { tokens, values, K, width: H * K });
    entitle(part, `All ${H} heads side by side`, `O = concat(O₁ … O${subscript(H)}), ${H} · ${K} = ${H * K}`, `${T} × ${H * K}`);
    const top = fullColour(values);
    part.map.write(values, { rows: T, cols: H * K, top, ramp: "value", ramps });
    part.readout.suggest(`Point at the map to read it; ${colourScale(top)}.`);
    part.map.mark("query", token, 0, 1, H * K);
    part.map.mark("slice", 0, head * K, T, K);
  },

  output(part, { arrays, sizes: { T, D, H, K }, token, tokens, ramps }) {
    const { values } = arrays.projected;
    Object.assign(part, { tokens, values, token, width: D });
    entitle(part, "Back to the width of the stream", `Linear(O), ${H * K} → ${D}`, `${T} × ${D}`);
    const own = row(values, D, token);
    const [top, topOfOwn] = [fullColour(values), largestSize(own)];
    part.map.write(values, { rows: T, cols: D, top, ramp: "signed", ramps });
    part.readout.suggest(`Point at the map or the strip to read it; ${colourScale(top)} in the map, ±${four(topOfOwn)} in the strip.`);
    part.map.mark("query", token, 0, 1, D);
    part.cells.write(own, topOfOwn, ramps);
  },
};

const endsOf = (ramp) => ({ up: ramp[255], down: ramp[0] });

/** One of the strongest keys; it stays the same element, so that the keyboard's focus stays on it. */
class KeyButton {
  constructor(onPick) {
    this.name = make("span", {});
    this.weight = make("span", { className: "number" });
    this.button = make("button", { type: "button" }, this.name, this.weight);
    this.button.addEventListener("click", onPick);
    this.element = make("li", {}, this.button);
  }

  write(tokens, weights, token, key) {
    this.element.hidden = token === undefined;
    if (token === undefined) return;
    setText(this.name, tokens.label(token));
    setText(this.weight, formatWeight(weights[token]));
    this.button.setAttribute("aria-pressed", String(token === key));
  }
}

/** Which terms make one number of the output: the largest, what the others add, and the sum. */
function explain(part, index) {
  part.explained = index;
  part.columns.mark("column", 0, index, part.weights.length, 1);
  const { terms, total } = sumTerms(part.weights, part.v, part.K, index);
  const best = largestTerms(terms, Math.min(SHOWN_KEYS, terms.length));
  const rest = total - best.reduce((sum, token) => sum + terms[token], 0);
  const products = best.map((token) => {
    const factors = [formatWeight(part.weights[token]), four(part.v[token * part.K + index])];
    return { name: part.tokens.label(token), factors, value: four(terms[token]) };
  });
  const others = { name: `the other ${terms.length - best.length}`, value: four(rest) };
  const addends = [...products, others].map(({ value }) => value);
  part.list.replaceChildren(
    ...products.map(({ name, factors, value }) =>
      termItem(name, factors.join(" × "), equalSign(printed(factors[0]) * printed(factors[1]), value), value)),
    termItem(others.name, "", "=", others.value),
    termItem(`o[${index + 1}]`, `sum of ${terms.length} terms`, sumSign(addends, four(part.out[index])), four(part.out[index]), "total"),
  );
}

function termItem(name, product, sign, value, className = "") {
  return make(
    "li", { className }, make("span", {}, name), make("span", { className: "number product" }, product),
    make("span", { className: "number" }, `${sign} ${value}`),
  );
}
