import { adding, addends } from "./adding.js";
import { mixBox, span, swell } from "./easing.js";
import { columns } from "./geometry.js";
import { label, matrix, rowFrame, shape, text } from "./objects.js";
import { restingStream, streamName } from "./stream.js";

const LAST = 0.76;

export const mlpScene = {
  id: "mlp",
  seconds: 13,
  timing: {
    Z: "off",
    Zlabel: [0, 0.06, 0.94, 1],
    prefixname: [0, 0.06, 0.94, 1],
    row: "off",
    link: [0, 0.06, 0.94, 1],
  },
  end: (film, place) => restingStream(film, place, "resid_after", streamName(film, film.layer + 1)),
  during(film, place, t) {
    return t < LAST ? widening(film, place, t) : summing(film, place, (t - LAST) / (1 - LAST));
  },
};

/** Normalised, four times as wide, bent, and as narrow as before: widths on stage keep the proportion. */
function widening(film, place, t) {
  const { main } = place;
  const small = columns(main, [1, 1.6, 1.6], 0)[0];
  const narrow = { ...small, x: main.x + (main.w - small.w) / 2 };
  const [, right] = addends(place);
  const parkedBox = mixBox(main, place.parked, span(t, 0.02, 0.18));
  const box =
    t < 0.4
      ? mixBox(mixBox(main, narrow, span(t, 0.12, 0.26)), main, span(t, 0.32, 0.46))
      : mixBox(main, right, span(t, 0.66, 0.75));
  const notes = [
    [
      "normed",
      film.say(film.meta.norm ? "mlp_normed" : "skipped"),
      shape(film.T, film.D),
      swell(t, 0.18, 0.24, 0.32, 0.36),
    ],
    ["wide", film.say("wide"), shape(film.T, film.mlp), swell(t, 0.42, 0.47, 0.52, 0.56)],
    ["bent", film.meta.act, shape(film.T, film.mlp), swell(t, 0.56, 0.6, 0.66, 0.7)],
  ];
  return [
    matrix(film, "Z", null, box, phase(t)),
    matrix(film, "parked", "resid_mid", parkedBox, { alpha: span(t, 0, 0.03) }),
    ...notes.map(([id, name, note, alpha]) => ({
      ...label(id, id === "normed" ? narrow : main, name, { note }),
      alpha,
    })),
    ...bend(film, place, t),
    { ...rowFrame(film, "row", box, film.token), alpha: 1 },
  ];
}

/** Which matrix it is at which time. */
function phase(t) {
  const stages = [
    [0.14, "resid_mid", "mlp_normed", 0.24],
    [0.34, "mlp_normed", "hidden_pre", 0.46],
    [0.52, "hidden_pre", "hidden", 0.62],
    [0.66, "hidden", "mlp_out", 0.75],
  ];
  const [start, source, source2, end] = stages.findLast(([from]) => t >= from) ?? stages[0];
  return { source, source2, mix: span(t, start, end) };
}

const CURVES = {
  GELU: (x) => (x / 2) * (1 + Math.tanh(0.79788456 * (x + 0.044715 * x ** 3))),
  SiLU: (x) => x / (1 + Math.exp(-x)),
  ReLU: (x) => Math.max(0, x),
};

/** The activation's curve from −3 to 3, where its name is one that is known. */
function bend(film, place, t) {
  const curve = CURVES[film.meta.act];
  if (!curve) return [];
  const alpha = swell(t, 0.48, 0.54, 0.66, 0.7);
  const { bench } = place;
  const box = { x: bench.x + bench.w / 2 - bench.h * 0.8, y: bench.y, w: bench.h * 1.6, h: bench.h - 10 };
  const points = Array.from({ length: 61 }, (_, i) => [i / 60, (curve(i / 10 - 3) + 0.4) / 3.4]);
  const zero = { y: box.y + box.h * (1 - 0.4 / 3.4), x: box.x + box.w / 2 };
  return [
    { id: "axisx", kind: "fill", color: "line", alpha, x: box.x, y: zero.y, w: box.w, h: 1 },
    { id: "axisy", kind: "fill", color: "line", alpha, x: zero.x, y: box.y, w: 1, h: box.h },
    { id: "curve", kind: "curve", points, color: "text", thick: 2, upTo: span(t, 0.5, 0.62), alpha, ...box },
    text("curvename", box.x - 8, box.y + 14, film.meta.act, { align: "right", alpha }),
  ];
}

function summing(film, place, s) {
  const [, right] = addends(place);
  const note = shape(film.T, film.D);
  return adding(
    film,
    place,
    s,
    {
      left: { source: "resid_mid", from: place.parked, name: streamName(film, film.layer, "′"), note },
      right: { id: "mlpout", source: "mlp_out", from: right, name: film.say("mlp_out"), note },
      sum: { id: "Z", source: "resid_after" },
    },
    { meet: [0, 0.3], slide: [0.45, 0.75], grow: [0.8, 0.98] },
  );
}
