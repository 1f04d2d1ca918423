// The followed row of scores or weights over its matrix, column by column, and what it adds up to.

import { formatPercent, formatWeight } from "../shared/numbers.js";
import { squareBox } from "./matrix_places.js";
import { bars, label, text } from "./objects.js";
import { largest, onPatches, scoresOf, spanOf, strongestOf, weightsOf } from "./numbers_of.js";

/** Scores (share 0) on their way to weights (1), each on its own scale. */
export function rowBars(film, place, share) {
  const { x, w } = squareBox(place);
  const { y, h } = place.bench;
  const scores = scoresOf(film, film.token);
  const weights = weightsOf(film, film.token);
  const { span, zero } = spanOf(scores);
  // the second is stretched so that one division serves both
  const stretch = span / largest(weights);
  return bars(film, "rowbars", { x, y: y + 14, w, h: h - 14 }, scores, {
    axis: "columns",
    values2: weights.map((weight) => weight * stretch),
    share,
    span,
    zero: zero * (1 - share),
  });
}

export function rowName(film, place, words, id = "rowname") {
  const at = { x: squareBox(place).x, y: place.bench.y + 8 };
  const name = `${film.say("row_of", { token: film.label(film.token) })}: ${words}`;
  return label(id, at, name, { color: "attention", size: place.font - 1 });
}

/** The sum of the row as the model's float32 weights give it, its largest weight, and the patches' share. */
export function rowFacts(film, { bench, main, narrow, font, ...place }) {
  const weights = weightsOf(film, film.token);
  const total = weights.reduce((a, b) => a + b, 0);
  const strongest = strongestOf(weights);
  const box = squareBox({ main });
  const x = box.x + box.w + 14;
  const y = bench.y + (narrow ? 30 : 32);
  const largestWords = film.say("row_largest", {
    weight: formatWeight(weights[strongest]),
    token: film.label(strongest),
  });
  const share = film.R > 0 ? film.say("patches_share", { share: formatPercent(onPatches(film, weights)) }) : "";
  const quiet = { color: "quiet", size: font - 1.5 };
  const below = main.y + main.h + 16;
  return [
    text("sum", x, y, film.say("row_sum", { sum: total.toFixed(6) }), {
      mono: true,
      bold: true,
      role: "sum",
      value: total,
    }),
    ...(narrow
      ? [text("most", main.x, below, [largestWords, share].filter(Boolean).join(" · "), quiet)]
      : [largestWords, share].map((words, i) =>
          text(`most/${i}`, x, y + 22 + 19 * i, words, { ...quiet, most: place.width - x - 10 }),
        )),
  ];
}
