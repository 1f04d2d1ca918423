import { make } from "../shared/dom.js";
import { strongest } from "../shared/measures.js";
import { formatWeight } from "../shared/numbers.js";

/** All weights of the current token as a table, for readers who do without the picture. Filled while it is open. */
export class WeightsTable {
  constructor() {
    this.caption = make("caption", {});
    this.rows = make("tbody", {});
    const head = make(
      "tr",
      {},
      ...["Rank", "Token", "Weight"].map((text) => make("th", { scope: "col" }, text)),
    );
    const table = make("table", {}, this.caption, make("thead", {}, head), this.rows);
    this.element = make(
      "details",
      { className: "as-table" },
      make("summary", {}, "As a table"),
      make("div", { className: "scroll", tabIndex: 0 }, table),
    );
    this.element.addEventListener("toggle", () => this.#fill());
  }

  /** weights (T,) float32, or null while they are on their way; `key` names what is shown. */
  write(weights, { tokens, title, key }) {
    this.latest = { weights, tokens, title, key };
    this.#fill();
  }

  #fill() {
    if (!this.element.open || !this.latest?.weights || this.latest.key === this.filled) return;
    this.filled = this.latest.key;
    const { weights, tokens, title } = this.latest;
    this.caption.textContent = title;
    const cells = strongest(weights).map((token, place) => [
      place + 1,
      tokens.label(token),
      formatWeight(weights[token]),
    ]);
    this.rows.replaceChildren(
      ...cells.map((texts) => make("tr", {}, ...texts.map((text) => make("td", {}, String(text))))),
    );
  }
}
