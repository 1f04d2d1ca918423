import { make, setText } from "../shared/dom.js";
import { entropy, mass, rowDistance, strongestFew } from "../shared/measures.js";
import { formatPercent, formatWeight } from "../shared/numbers.js";

const COUNT = 5;

/** Entropy, prefix mass, distance and the strongest five of one token's float32 weights. `on.open(other token)`. */
export class Readouts {
  constructor(on) {
    this.on = on;
    this.entropy = this.#measure("Entropy");
    this.prefix = this.#measure("On prefix tokens");
    this.distance = this.#measure("Mean distance");
    this.title = make("h4", {});
    this.items = Array.from({ length: COUNT }, (_, place) => this.#item(place));
    this.list = make("ol", { className: "strongest" }, ...this.items.map((item) => item.row));
    this.note = make("p", { className: "note" });
    const parts = [this.entropy, this.prefix, this.distance].map((part) => part.row);
    this.element = make(
      "div",
      { className: "readouts" },
      make("dl", {}, ...parts),
      this.title,
      this.list,
      this.note,
    );
  }

  #measure(name) {
    const [term, value] = [make("dt", {}, name), make("dd", {})];
    return { row: make("div", {}, term, value), term, value };
  }

  #item(place) {
    const item = {
      token: null,
      name: make("span", { className: "name" }),
      value: make("span", { className: "number" }),
    };
    item.bar = make("span", { className: "bar" });
    item.button = make("button", { type: "button", disabled: true }, item.bar, item.name, item.value);
    item.button.addEventListener("click", () => this.on.open(item.token));
    item.row = make("li", { value: place + 1 }, item.button);
    return item;
  }

  /** Write the measures of weights (T,) of `token`; weights of null mean that they are still on their way. */
  write(weights, { tokens, token, direction, note }) {
    const attends = direction === "to";
    setText(this.title, attends ? "Attends most to" : "Attended most by");
    setText(this.note, note);
    this.#measures(weights, tokens, token, attends);
    const best = weights ? strongestFew(weights, COUNT) : [];
    this.items.forEach((item, place) => this.#writeItem(item, best[place], weights, tokens, place));
  }

  #measures(weights, tokens, token, attends) {
    // a column is no distribution: it has no entropy, but its sum says how much attention a token gathers
    setText(this.entropy.term, attends ? "Entropy" : "Received in all");
    setText(this.prefix.term, attends ? `On ${prefixTitle(tokens)}` : `From ${prefixTitle(tokens)}`);
    this.prefix.row.hidden = tokens.numPrefix === 0;
    this.distance.row.hidden = !attends;
    if (!weights) {
      for (const part of [this.entropy, this.prefix, this.distance]) setText(part.value, "–");
      return;
    }
    const most = Math.log(tokens.numTokens).toFixed(2);
    setText(
      this.entropy.value,
      attends ? `${entropy(weights).toFixed(3)} of ${most} nats` : `${mass(weights).toFixed(3)} (1 is even)`,
    );
    const onPrefix = mass(weights, tokens.numPrefix);
    setText(this.prefix.value, attends ? formatPercent(onPrefix) : onPrefix.toFixed(4));
    setText(
      this.distance.value,
      tokens.isPrefix(token) ? "no place" : `${rowDistance(weights, token, tokens).toFixed(1)} px`,
    );
  }

  #writeItem(item, other, weights, tokens, place) {
    const known = other !== undefined;
    item.token = known ? other : null;
    item.button.disabled = !known;
    setText(item.name, known ? tokens.label(other) : "–");
    setText(item.value, known ? formatWeight(weights[other]) : "");
    item.bar.style.transform = `scaleX(${known ? weights[other] / (weights[this.items[0].token] || 1) : 0})`;
    item.button.setAttribute(
      "aria-label",
      known
        ? `Rank ${place + 1}: ${tokens.spoken(other)}, weight ${formatWeight(weights[other])}. Open its arithmetic.`
        : "not here yet",
    );
  }
}

function prefixTitle(tokens) {
  return tokens.numPrefix === 1 ? tokens.prefixNames[0] : "prefix tokens";
}
