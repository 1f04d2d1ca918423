import { mixBox, span } from "./easing.js";
import { columns } from "./geometry.js";
import { cornerTokens, frame, label, matrix, rowFrame, shape, text } from "./objects.js";
import { parked, streamName } from "./stream.js";

export const PARTS = [
  { id: "Q", source: "q", color: "query" },
  { id: "K", source: "k", color: "key" },
  { id: "V", source: "v", color: "value" },
];

export const thirds = (place) => columns(place.main, [1, 1, 1], place.gap);

const FROM = 0.5;
const LATER = 0.09;

export const qkvScene = {
  id: "qkv",
  seconds: 10,
  timing: {
    Z: "off",
    Zlabel: [0, 0.1],
    prefixname: [0, 0.1],
    parked: "off",
    parkedlabel: [0.26, 0.36],
    row: "off",
    link: [0, 0.08],
    Qlabel: [0.66, 0.76],
    Klabel: [0.75, 0.85],
    Vlabel: [0.84, 0.94],
    Qrow: [0.94, 1],
  },
  end(film, place) {
    const boxes = thirds(place);
    return [
      ...cornerTokens(film, place),
      ...parked(film, place, "resid_before", streamName(film, film.layer)),
      ...PARTS.flatMap(({ id, source, color }, i) => [
        matrix(film, id, source, boxes[i]),
        label(`${id}label`, boxes[i], id, { color, note: shape(film.T, film.K) }),
      ]),
      rowFrame(film, "Qrow", boxes[0], film.token),
    ];
  },
  during(film, place, t) {
    const arrive = span(t, 0, 0.1);
    const norm = span(t, 0.3, 0.42);
    const source =
      t < 0.3
        ? { source: "resid_in", source2: "resid_before", mix: arrive }
        : { source: "resid_before", source2: "normed", mix: norm };
    const gone = 1 - span(t, FROM + 0.2, FROM + 0.34);
    const name = (id, words, note, alpha) => ({ ...label(id, place.main, words, { note }), alpha });
    const box = mixBox(place.main, place.parked, span(t, 0.1, 0.3));
    return [
      matrix(film, "Z", null, place.main, { ...source, alpha: gone }),
      rowFrame(film, "row", place.main, film.token),
      name(
        "before",
        streamName(film, film.layer),
        film.say("of_layer", { layer: film.layer + 1, L: film.L }),
        span(t, 0.06, 0.12) * (1 - span(t, 0.28, 0.34)),
      ),
      name("normed", normName(film), shape(film.T, film.D), span(t, 0.36, 0.42) * (1 - span(t, 0.52, 0.58))),
      matrix(film, "parked", "resid_before", box, { alpha: span(t, 0.08, 0.12) }),
      ...projections(film, place, t),
    ].map((object) => (object.id === "row" ? { ...object, alpha: gone } : object));
  },
};

function normName(film) {
  return film.say(film.meta.norm ? "normed" : "skipped", { index: streamName(film, film.layer).slice(1) });
}

function projections(film, place, t) {
  return thirds(place).flatMap((target, i) => {
    const { id, source, color } = PARTS[i];
    const start = FROM + LATER * i;
    const share = span(t, start, start + 0.28);
    if (t < start) return [];
    const box = mixBox(place.main, target, share);
    return [
      matrix(film, id, "normed", box, { source2: source, mix: span(t, start + 0.08, start + 0.26) }),
      frame(`${id}edge`, box, color, { width: 1.5, alpha: 1 - span(t, start + 0.24, start + 0.3) }),
      text(`${id}weights`, box.x, box.y + box.h + 16, `W${id.toLowerCase()} ${shape(film.D, film.K)}`, {
        color,
        mono: true,
        size: place.font - 2,
        alpha: span(t, start + 0.04, start + 0.1) * (1 - span(t, 0.92, 0.98)),
      }),
    ];
  });
}
