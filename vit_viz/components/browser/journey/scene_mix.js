import { strongestFew } from "../shared/measures.js";
import { subscript } from "../shared/numbers.js";
import { mixBox, span, swell } from "./easing.js";
import { rowBox } from "./geometry.js";
import { lineBox, mixPlaces, waitingValues } from "./matrix_places.js";
import { bars, frame, label, matrix, rowFrame, shape, strip } from "./objects.js";
import { largest, weightsOf } from "./numbers_of.js";
import { waiting } from "./stream.js";

// so many rows are seen on their way
const FALLING = 8;
const OTHERS = [0.68, 0.94];
const LINE = 20;

export const mixScene = {
  id: "mix",
  seconds: 11,
  rest: 0.62,
  timing: {
    leaving: [0, 0.12],
    moving: [0, 0.16],
    V: "off",
    O: "off",
    Olabel: [0.16, 0.22],
    Orow: [0.18, 0.24],
  },
  end(film, place) {
    const [weights, values, out] = mixPlaces(place);
    const note = (rows, cols) => (place.narrow ? "" : shape(rows, cols));
    return [
      ...waiting(film, place, { weights: weightsOf(film, film.token), heat: 1 }),
      matrix(film, "A", "attn", weights, { axes: "both" }),
      label("Alabel", weights, "A", { color: "attention", note: shape(film.T, film.T) }),
      rowFrame(film, "Srow", weights, film.token),
      matrix(film, "V", "v", values, { alpha: 0.45 }),
      label("Vlabel", values, "V", { color: "value", note: note(film.T, film.K) }),
      matrix(film, "O", "head_out", out),
      label("Olabel", out, "O", { color: "value", note: note(film.T, film.K) }),
      rowFrame(film, "Orow", out, film.token),
    ];
  },
  during(film, place, t) {
    const [, values, out] = mixPlaces(place);
    const row = weightsOf(film, film.token);
    const weighing = swell(t, 0.24, 0.36, 0.62, 0.72);
    const wide = place.narrow ? 20 : 46;
    const beside = { x: values.x - wide - 3, y: values.y, w: wide, h: values.h };
    const seen = 0.45 + 0.55 * span(t, 0.02, 0.14) * (1 - span(t, 0.74, 0.84));
    const others = span(t, ...OTHERS);
    return [
      bars(film, "weightbars", beside, row, {
        span: largest(row),
        upTo: span(t, 0.12, 0.24),
        alpha: 1 - span(t, 0.66, 0.74),
      }),
      matrix(film, "V", "v", mixBox(waitingValues(place), values, span(t, 0, 0.14)), {
        source2: `weighted/${film.token}`,
        mix: weighing,
        alpha: seen,
      }),
      frame("Oframe", out, "line", { alpha: span(t, 0.12, 0.18) * (1 - others) }),
      matrix(film, "O", "head_out", out, { upTo: others, alpha: others > 0 ? 1 : 0 }),
      ...oneRow(film, place, t, values, rowBox(out, film.token, film.axis())),
    ];
  },
};

/** The weighted values, the heaviest in sight, fall together into one line on the bench, which goes to its row. */
function oneRow(film, place, t, values, target) {
  const line = { ...lineBox(place, LINE), x: values.x, w: place.main.x + place.main.w - values.x };
  const landing = span(t, 0.66, 0.76);
  const rowOf = (token) => rowBox(values, token, film.axis());
  const words = film.say("mixed", { sum: weightedSum(film, place.narrow ? 2 : 3) });
  return [
    ...heaviest(film, FALLING).map((token, i) =>
      strip(`falling/${token}`, `weighted/${film.token}`, token, mixBox(rowOf(token), line, fallen(t, i)), {
        alpha: swell(t, 0.4, 0.43, 0.57, 0.6),
      }),
    ),
    strip("o", "head_out", film.token, mixBox(line, target, landing), {
      alpha: span(t, 0.56, 0.59) * (1 - span(t, 0.92, 0.96)),
    }),
    label("mixnote", { x: place.bench.x, y: line.y }, words, {
      color: "value",
      size: place.font - 1,
      alpha: swell(t, 0.2, 0.28, 0.9, 0.96),
    }),
  ];
}

const fallen = (t, i) => span(t, 0.42 + 0.008 * i, 0.52 + 0.008 * i);

/** The tokens with the largest weights, largest first. */
const heaviest = (film, count) => strongestFew(weightsOf(film, film.token), count);

/** "0.121 · v₉₀ + …": the largest weights first. */
function weightedSum(film, count) {
  const weights = weightsOf(film, film.token);
  return heaviest(film, count)
    .map((token) => `${weights[token].toFixed(3)} · v${subscript(token)}`)
    .join(" + ");
}
