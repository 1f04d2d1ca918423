import { formatWeight } from "../shared/numbers.js";
import { span, swell } from "./easing.js";
import { cornerTokens, label, matrix, rowFrame, shape, text } from "./objects.js";
import { largest, scoresOf, weightsOf } from "./numbers_of.js";
import { parked, streamName } from "./stream.js";
import { squareBox, valuesAside } from "./scene_scores.js";

export const softmaxScene = {
  id: "softmax",
  seconds: 10,
  timing: {
    S: "off",
    A: "off",
    Slabel: [0.6, 0.66],
    Alabel: [0.68, 0.76],
    Srow: [0.6, 0.8],
    rowbars: "off",
    rowname: "off",
    sum: "off",
    most: "off",
    photo: [0.7, 0.9],
    chip: [0.7, 0.9],
  },
  end(film, place) {
    const box = squareBox(place);
    const weights = weightsOf(film, film.token);
    return [
      ...cornerTokens(film, place, { weights, heat: 1 }),
      ...parked(film, place, "resid_before", streamName(film, film.layer)),
      matrix(film, "A", "attn", box, { axes: "both" }),
      label("Alabel", box, film.say("all_weights"), { color: "attention", note: shape(film.T, film.T) }),
      rowFrame(film, "Srow", box, film.token),
      rowBars(film, place, 1),
      rowName(film, place, film.say("weights")),
      ...sums(film, place, weights),
      ...valuesAside(film, place),
    ];
  },
  during(film, place, t) {
    const share = span(t, 0.28, 0.5);
    const [sum, most] = sums(film, place, weightsOf(film, film.token));
    return [
      matrix(film, "S", "scores", squareBox(place), {
        axes: "both",
        source2: "attn",
        mix: span(t, 0.58, 0.76),
      }),
      { ...rowBars(film, place, share), alpha: span(t, 0.04, 0.16) },
      {
        ...rowName(film, place, film.say("scores")),
        id: "rowbefore",
        alpha: swell(t, 0.06, 0.14, 0.28, 0.36),
      },
      { ...rowName(film, place, film.say("weights")), alpha: span(t, 0.38, 0.48) },
      { ...sum, alpha: span(t, 0.46, 0.54) },
      { ...most, alpha: span(t, 0.5, 0.58) },
    ];
  },
};

/** The followed row over its matrix, column by column: scores (share 0) on their way to weights (1). */
export function rowBars(film, place, share) {
  const box = squareBox(place);
  const { y, h } = place.bench;
  const scores = scoresOf(film, film.token);
  const weights = weightsOf(film, film.token);
  // both on their own scale; the second is stretched so that one division serves both
  const stretch = largest(scores) / largest(weights);
  return {
    id: "rowbars",
    kind: "bars",
    axis: "columns",
    values: scores,
    values2: weights.map((weight) => weight * stretch),
    share,
    top: largest(scores),
    signed: true,
    zero: 0.4 * (1 - share),
    upTo: 1,
    ...film.axis(),
    alpha: 1,
    x: box.x,
    y: y + 14,
    w: box.w,
    h: h - 14,
  };
}

const rowName = (film, place, words) =>
  label(
    "rowname",
    { x: squareBox(place).x, y: place.bench.y + 8 },
    `${film.say("row_of", { token: film.label(film.token) })}: ${words}`,
    { color: "attention", size: place.font - 1 },
  );

/** The sum of the row as the model's float32 weights give it, and its largest weight. */
function sums(film, place, weights) {
  const total = weights.reduce((a, b) => a + b, 0);
  const strongest = weights.indexOf(weights.reduce((a, b) => Math.max(a, b), 0));
  const box = squareBox(place);
  const x = box.x + box.w + 14;
  const y = place.bench.y + (place.narrow ? 30 : 40);
  const words = film.say("row_largest", {
    weight: formatWeight(weights[strongest]),
    token: film.label(strongest),
  });
  return [
    text("sum", x, y, film.say("row_sum", { sum: total.toFixed(6) }), {
      mono: true,
      bold: true,
      role: "sum",
      value: total,
    }),
    text(
      "most",
      place.narrow ? place.main.x : x,
      place.narrow ? place.main.y + place.main.h + 16 : y + 22,
      words,
      { color: "quiet", size: place.font - 1.5 },
    ),
  ];
}
