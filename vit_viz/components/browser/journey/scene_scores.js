import { mixBox, span, steady, swell } from "./easing.js";
import { columns, rowBox } from "./geometry.js";
import { cornerTokens, frame, label, matrix, rowFrame, shape, strip, text } from "./objects.js";
import { formatFine, largest, scoresOf } from "./numbers_of.js";
import { parked, streamName, subscript } from "./stream.js";
import { thirds } from "./scene_qkv.js";

const PASS = [0.2, 0.64];

/** Where scores and weights stand from here on, and the values that wait beside them. */
export function squareBox(place) {
  const { x, y, w, h } = place.main;
  return { x, y, w: Math.min(w * 0.64, h * 1.3), h };
}

export function waitingValues(place) {
  const { x, y, w, h } = place.main;
  const width = w * 0.15;
  return { x: x + w - width, y, w: width, h };
}

export function valuesAside(film, place) {
  const box = waitingValues(place);
  return [
    matrix(film, "V", "v", box, { alpha: 0.45 }),
    label("Vlabel", box, "V", { color: "value", note: place.narrow ? "" : film.say("waits") }),
  ];
}

export const scoresScene = {
  id: "scores",
  seconds: 16,
  timing: {
    Q: [0.04, 0.2],
    Qlabel: [0, 0.06],
    Qrow: "off",
    K: "off",
    Klabel: [0, 0.04],
    V: [0.02, 0.16],
    Vlabel: [0.02, 0.16],
    S: "off",
    Slabel: [0.78, 0.86],
    Srow: [0.78, 0.84],
  },
  end(film, place) {
    const box = squareBox(place);
    return [
      ...cornerTokens(film, place),
      ...parked(film, place, "resid_before", streamName(film, film.layer)),
      matrix(film, "S", "scores", box, { axes: "both" }),
      label("Slabel", box, film.say("all_scores", { K: film.K }), { note: shape(film.T, film.T) }),
      rowFrame(film, "Srow", box, film.token),
      ...valuesAside(film, place),
    ];
  },
  during(film, place, t) {
    const [keys, bars] = columns({ ...place.main, w: place.main.w * 0.82 }, [1.25, 1], 14);
    const [queries, keysBefore] = thirds(place);
    const leaving = 1 - span(t, 0.76, 0.84);
    const lifted = { x: keys.x, y: place.bench.y + place.bench.h - 30, w: keys.w, h: 22 };
    const row = mixBox(rowBox(queries, film.token, film.axis()), lifted, span(t, 0.02, 0.16));
    return [
      strip("q", "q", film.token, row, { alpha: leaving }),
      frame("qframe", row, "query", { width: 1.5, grow: 1, alpha: leaving }),
      {
        ...label("qname", lifted, film.say("q_of", { token: film.label(film.token) }), { color: "query" }),
        alpha: span(t, 0.14, 0.18) * leaving,
      },
      matrix(film, "K", "k", mixBox(keysBefore, keys, span(t, 0.02, 0.16)), { alpha: leaving }),
      {
        ...label("kname", keys, "K", { color: "key", note: shape(film.T, film.K) }),
        alpha: span(t, 0.1, 0.16) * leaving,
      },
      ...pass(film, place, t, keys, bars, lifted),
      ...allPairs(film, place, t),
    ];
  },
};

/** The query goes from key to key; the number is that of the key where it is now. */
function pass(film, place, t, keys, bars, lifted) {
  const scores = scoresOf(film, film.token);
  const share = steady(t, ...PASS);
  const key = Math.min(film.T - 1, Math.floor(share * film.T));
  const alpha = swell(t, PASS[0] - 0.02, PASS[0], 0.66, 0.7);
  const at = rowBox(keys, key, film.axis());
  const folding = 1 - span(t, 0.72, 0.8);
  const score = film.say("score", {
    query: "q",
    key: `k${subscript(key)}`,
    K: film.K,
    score: formatFine(scores[key]),
  });
  const side = place.narrow ? place.bench.x : bars.x;
  const top = place.narrow ? place.bench.y + 10 : lifted.y - 2;
  return [
    {
      id: "bars",
      kind: "bars",
      axis: "rows",
      values: scores,
      top: largest(scores),
      signed: true,
      upTo: share,
      ...film.axis(),
      alpha: folding * span(t, 0.14, PASS[0]),
      ...bars,
    },
    {
      ...label("barsname", bars, film.say("scores"), {
        color: "attention",
        note: place.narrow ? "" : `/ √${film.K}`,
      }),
      alpha: swell(t, PASS[0], PASS[0] + 0.03, 0.72, 0.78),
    },
    frame("cursor", at, "key", { width: 1.5, grow: 1.5, alpha }),
    frame(
      "cursorlink",
      { x: keys.x + keys.w + 3, y: at.y + at.h / 2, w: bars.x + bars.w - keys.x - keys.w - 3, h: 0 },
      "key",
      { dash: [2, 3], alpha: alpha * 0.8 },
    ),
    text("score", side, top, score, {
      mono: true,
      bold: true,
      alpha,
      role: "score",
      value: scores[key],
      key,
    }),
    text("scoreof", side, top + 17, film.say("with_key", { token: film.label(key) }), {
      color: "quiet",
      size: place.font - 1.5,
      alpha: place.narrow ? 0 : alpha,
    }),
  ];
}

function allPairs(film, place, t) {
  const box = squareBox(place);
  const others = span(t, 0.84, 0.99);
  return [
    frame("Sframe", box, "line", { alpha: span(t, 0.72, 0.78) * (1 - others) }),
    matrix(film, "S", "scores", box, { axes: "both", upTo: others, alpha: others > 0 ? 1 : 0 }),
    matrix(film, "S", "scores", box, { axes: "both", only: film.token, alpha: span(t, 0.76, 0.82) }),
  ];
}
