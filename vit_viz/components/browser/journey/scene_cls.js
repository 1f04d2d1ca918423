import { lerp, mixBox, span } from "./easing.js";
import { rowBox } from "./geometry.js";
import { matrix, strip, text } from "./objects.js";
import { restingStream } from "./stream.js";

const STRIP = 16;

export const clsScene = {
  id: "cls",
  seconds: 7,
  timing: {
    Z: "off",
    Zlabel: [0.5, 0.7],
    row: [0.5, 0.74],
    link: [0.5, 0.74],
    follow: [0.5, 0.74],
    chip: [0.3, 0.45],
    prefixname: [0.84, 0.98],
  },
  end: (film, place) =>
    restingStream(film, place, "tokens", film.say(film.R > 0 ? "with_prefix" : "embedded")),
  during(film, place, t) {
    const lead = span(t, 0.42, 0.66);
    const landed = t > 0.84;
    const grid = matrix(film, "Z", "tokens", place.main, { lead, bare: !landed });
    if (film.R === 0)
      return [
        grid,
        text("noprefix", place.bench.x, place.bench.y + place.bench.h / 2, film.say("no_prefix"), {
          alpha: span(t, 0.1, 0.2) * (1 - span(t, 0.8, 0.95)),
        }),
      ];
    return [
      grid,
      ...(landed
        ? []
        : film.tokens.prefixNames.flatMap((name, token) => arriving(film, place, t, name, token))),
    ];
  },
};

function arriving(film, place, t, name, token) {
  const { bench } = place;
  const space = Math.min(STRIP + 6, bench.h / film.R);
  const high = { x: bench.x, y: bench.y + token * space, w: bench.w, h: Math.max(3, space - 6) };
  const from = {
    ...high,
    x: lerp(place.width + 10, bench.x, span(t, 0.04 + 0.02 * token, 0.24 + 0.02 * token)),
  };
  const box = mixBox(from, rowBox(place.main, token, film.axis()), span(t, 0.5, 0.82));
  const named = span(t, 0.2, 0.28) * (1 - span(t, 0.46, 0.54));
  return [
    strip(`prefix/${token}`, "tokens", token, box),
    text(`prefixof/${token}`, bench.x - 6, high.y + high.h / 2 + 4, name, {
      align: "right",
      color: "cls",
      size: place.font - 2,
      alpha: named,
    }),
  ];
}
