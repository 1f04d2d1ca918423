import { mixBox, span } from "./easing.js";
import { colourKey } from "./colour_key.js";
import { rowBox } from "./geometry.js";
import { keysAndScores, squareBox, thirds, waitingValues } from "./matrix_places.js";
import { frame, label, matrix, rowFrame, shape, strip, text } from "./objects.js";
import { benchLines, meetings } from "./query_meets_keys.js";
import { waiting } from "./stream.js";

const FOLD = [0.73, 0.79];

/** V stands aside until the weights are there. */
export function valuesAside(film, place) {
  const box = waitingValues(place);
  return [
    matrix(film, "V", "v", box, { alpha: 0.45 }),
    label("Vlabel", box, "V", { color: "value", note: place.narrow ? "" : film.say("waits") }),
  ];
}

/** Which way the pairs are to be read. */
export const axesText = (film, { font }, { x, y, h }) =>
  text("axes", x, y + h + 16, film.say("axes"), { color: "quiet", size: font - 2.5 });

export const scoresScene = {
  id: "scores",
  seconds: 18,
  rest: 0.34,
  timing: {
    leaving: [0, 0.05],
    moving: [0.02, 0.13],
    Q: [0.02, 0.13],
    Qrow: "off",
    K: "off",
    Klabel: "off",
    S: "off",
    Slabel: [0.77, 0.82],
    Srow: [0.77, 0.82],
    axes: [0.77, 0.82],
    key: [0, 0.04, 0.92, 1],
  },
  end(film, place) {
    const box = squareBox(place);
    const name = film.say("all_scores", { K: film.K });
    const note = shape(film.T, film.T);
    return [
      ...waiting(film, place),
      matrix(film, "S", "scores", box, { axes: "both" }),
      label("Slabel", box, name, { note }),
      ...(place.narrow ? [] : colourKey(film, place, box, "scores", `${name} ${note}`)),
      rowFrame(film, "Srow", box, film.token),
      axesText(film, place, box),
      ...valuesAside(film, place),
    ];
  },
  during(film, place, t) {
    const [keys, beside] = keysAndScores(place);
    const [queries, before] = thirds(place);
    const there = span(t, 0.02, 0.13);
    const leaving = 1 - span(t, ...FOLD);
    const row = mixBox(rowBox(queries, film.token, film.axis()), benchLines(place, keys)[0], there);
    const keysNow = mixBox(before, keys, there);
    return [
      matrix(film, "K", "k", keysNow, { alpha: leaving }),
      label("Klabel", keysNow, "K", { color: "key", note: shape(film.T, film.K), alpha: 1 - span(t, 0.72, 0.77) }),
      strip("q", "q", film.token, row, { alpha: leaving }),
      frame("qframe", row, "query", { width: 1.5, grow: 1, alpha: leaving }),
      ...meetings(film, place, t, keys, beside),
      ...allPairs(film, place, t),
    ];
  },
};

function allPairs(film, place, t) {
  const box = squareBox(place);
  const others = span(t, 0.78, 0.98);
  return [
    frame("Sframe", box, "line", { alpha: span(t, 0.71, 0.77) * (1 - others) }),
    matrix(film, "S", "scores", box, { axes: "both", upTo: others, alpha: others > 0 ? 1 : 0 }),
    matrix(film, "S", "scores", box, { axes: "both", only: film.token, alpha: span(t, 0.73, 0.79) }),
  ];
}
