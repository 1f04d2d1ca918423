import { make } from "../shared/dom.js";
import { placeOf } from "./patch_cut.js";
import { drawPatch } from "./patch_drawing.js";

/** A sentence in words above one row of the photo's patches: both are lists of tokens, read in order. */
export class Sentence {
  constructor(pick) {
    this.pick = pick;
    this.words = make("div", { className: "words" });
    this.row = make("div", { className: "row-of-patches" });
    this.rowTitle = make("p", { className: "muted" });
    this.element = make(
      "section", { className: "sentence" },
      make("p", { className: "muted" }, "A sentence: one token per word"), this.words, this.rowTitle, this.row,
    );
  }

  /** The words of a sentence; before them a class token where this model has one, for BERT has one too. */
  setWords(text, prefixNames) {
    const first = prefixNames.filter((name) => name === "CLS");
    const words = text.split(" ").map((word, i) => token(word, i + 1));
    this.words.replaceChildren(...first.map((name) => token(name, null, "prefix")), ...words);
  }

  /** The row of the picture that holds `patch`. */
  write(data, cut, patch, prefixNames) {
    const [row] = placeOf(cut, patch);
    const key = [data.source, cut.high, cut.wide, row].join();
    if (this.key !== key) {
      this.key = key;
      this.#lay(data, cut, row, prefixNames);
    }
    [...this.row.querySelectorAll("button")].forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.value) === patch));
    });
  }

  #lay(data, cut, row, prefixNames) {
    const first = row * cut.cols;
    this.rowTitle.textContent =
      `This photo: one token per patch of ${cut.high} × ${cut.wide} pixels. ` +
      `Row ${row + 1} of ${cut.rows}, words ${first + 1} to ${first + cut.cols} of ${cut.count}`;
    const patches = Array.from({ length: cut.cols }, (_, col) => this.#patch(data, cut, first + col));
    this.row.replaceChildren(...prefixNames.map((name) => token(name, null, "prefix")), ...patches);
  }

  #patch(data, cut, patch) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    drawPatch(canvas, data, cut, patch);
    const button = make("button", { type: "button", value: String(patch), "aria-label": `Patch ${patch + 1}` }, canvas);
    if (cut.cols <= 16) button.append(make("span", { className: "place" }, String(patch + 1)));
    button.addEventListener("click", () => this.pick(patch));
    return button;
  }
}

function token(text, place, className = "") {
  const label = make("span", { className: `token ${className}` }, make("span", {}, text));
  if (place) label.append(make("span", { className: "place" }, String(place)));
  return label;
}
