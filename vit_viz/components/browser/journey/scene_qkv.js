import { mixBox, span } from "./easing.js";
import { colourKey } from "./colour_key.js";
import { streamBox, thirds } from "./matrix_places.js";
import { frame, label, matrix, rowFrame, shape } from "./objects.js";
import { before, bias, normed, waiting } from "./stream.js";

const PARTS = [
  { id: "Q", source: "q", color: "query" },
  { id: "K", source: "k", color: "key" },
  { id: "V", source: "v", color: "value" },
];

// when the normalised rows make room, and when each projection sets out
const ASIDE = [0.36, 0.46];
const STARTS = [0.45, 0.59, 0.73];
const FLIGHT = 0.13;

export const qkvScene = {
  id: "qkv",
  seconds: 11,
  timing: {
    leaving: [0, 0.06],
    Z: "off",
    Zlabel: "off",
    parked: "off",
    parkedlabel: [0.26, 0.32],
    row: "off",
    Q: "off",
    K: "off",
    V: "off",
    Qlabel: "off",
    Klabel: "off",
    Vlabel: "off",
    key: [0, 0.05],
    Qkey: [0.6, 0.66],
    Kkey: [0.74, 0.8],
    Vkey: [0.88, 0.94],
    Qrow: [0.94, 1],
  },
  end(film, place) {
    const boxes = thirds(place);
    return [
      ...waiting(film, place),
      ...PARTS.flatMap(({ id, source, color }, i) => [
        matrix(film, id, source, boxes[i]),
        label(`${id}label`, boxes[i], id, { color, note: shape(film.T, film.K) }),
      ]),
      ...(place.narrow ? [] : PARTS.flatMap(({ id, source }, i) => {
        const over = { ...boxes[i], y: boxes[i].y - 18 };
        return colourKey(film, place, over, source, "", { id: `${id}key` });
      })),
      rowFrame(film, "Qrow", boxes[0], film.token),
    ];
  },
  during(film, place, t) {
    const tall = streamBox(place);
    const box = mixBox(tall, { ...place.bench, y: place.bench.y + 4, h: place.bench.h - 10 }, span(t, ...ASIDE));
    const norm = span(t, 0.26, 0.36);
    const alpha = 1 - span(t, 0.92, 0.98);
    const note = shape(film.T, film.D);
    const copy = mixBox(tall, place.parked, span(t, 0.08, 0.26));
    return [
      matrix(film, "Z", "resid_before", box, { ...phase(t, norm), alpha }),
      { ...rowFrame(film, "row", box, film.token), alpha },
      label("Zlabel", box, before(film), { note, alpha: 1 - span(norm, 0.4, 0.5) }),
      label("normed", box, normed(film, before(film)), { note, alpha: span(norm, 0.5, 0.6) * alpha }),
      matrix(film, "parked", "resid_before", copy, { alpha: span(t, 0.06, 0.1) }),
      ...PARTS.flatMap((part, i) => projected(film, place, part, box, thirds(place)[i], t - STARTS[i])),
    ];
  },
};

/** What stands in the middle: the stream that enters this layer, then the same after the norm. */
const phase = (t, norm) =>
  t < 0.26
    ? { source: "resid_in", source2: "resid_before", mix: span(t, 0, 0.06) }
    : { source2: "normed", mix: norm };

/** The normalised rows on their way through one W, whose name flies along over them. */
function projected(film, { narrow }, { id, source, color }, from, target, since) {
  if (since < 0) return [];
  const box = mixBox(from, target, span(since, 0, FLIGHT));
  const there = span(since, FLIGHT, FLIGHT + 0.04);
  const weights = `× W${id.toLowerCase()}${narrow ? "" : bias(film, "qkv")}`;
  const note = narrow ? "" : shape(film.D, film.K);
  return [
    matrix(film, id, "normed", box, { source2: source, mix: span(since, 0.03, FLIGHT) }),
    frame(`${id}edge`, box, color, { width: 1.5, alpha: span(since, 0, 0.01) * (1 - there) }),
    label(`${id}weights`, box, weights, {
      color,
      note,
      alpha: span(since, 0.05, 0.07) * (1 - span(since, FLIGHT - 0.01, FLIGHT)),
    }),
    label(`${id}label`, target, id, {
      color,
      note: shape(film.T, film.K),
      alpha: span(since, FLIGHT, FLIGHT + 0.01),
    }),
  ];
}
