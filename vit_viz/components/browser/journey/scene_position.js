import { adding } from "./adding.js";
import { span } from "./easing.js";
import { matrix, rowFrame, shape, text } from "./objects.js";
import { restingStream, streamName } from "./stream.js";

export const positionScene = {
  id: "position",
  seconds: 8,
  timing: {
    Z: "off",
    Zlabel: [0, 0.05, 0.9, 1],
    prefixname: [0, 0.05, 0.94, 1],
    row: "off",
    link: [0, 0.06, 0.94, 1],
  },
  end: (film, place) => restingStream(film, place, "resid_in", streamName(film, 0)),
  during(film, place, t) {
    if (!film.positions) return withoutPositions(film, place, t);
    const note = shape(film.T, film.D);
    return adding(
      film,
      place,
      t,
      {
        left: {
          source: "tokens",
          from: place.main,
          name: film.say(film.R > 0 ? "with_prefix" : "embedded"),
          note,
        },
        right: {
          id: "pos",
          source: "pos",
          from: { ...place.main, x: place.width + 20 },
          name: film.say("positions"),
          color: "position",
          note,
        },
        sum: { id: "Z", source: "resid_in" },
      },
      { meet: [0.02, 0.28], slide: [0.5, 0.76], grow: [0.84, 0.99] },
    );
  },
};

function withoutPositions(film, place, t) {
  const alpha = span(t, 0.1, 0.2) * (1 - span(t, 0.8, 0.95));
  const { bench } = place;
  const lines = [film.say("no_positions"), ...(film.meta.kind.rotary ? [film.say("rotary_later")] : [])];
  return [
    matrix(film, "Z", "tokens", place.main, { source2: "resid_in", mix: span(t, 0.3, 0.6) }),
    rowFrame(film, "row", place.main, film.token),
    ...lines.map((words, i) => text(`nopos/${i}`, bench.x, bench.y + 20 + 22 * i, words, { alpha })),
  ];
}
