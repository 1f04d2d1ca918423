import { lerp, mixBox, span, swell } from "./easing.js";
import { rowBox } from "./geometry.js";
import { streamBox } from "./matrix_places.js";
import { label, matrix, rowFrame, shape, strip, text } from "./objects.js";
import { embeddedName, restingStream } from "./stream.js";

const STRIP = 16;
const LANDED = 0.72;

/** What the rows are called once the prefix rows stand on them. */
export const tokensName = (film) => (film.R > 0 ? film.say("with_prefix") : embeddedName(film));

export const clsScene = {
  id: "cls",
  seconds: 8,
  timing: {
    moving: [0.74, 0.94],
    Z: "off",
    Zlabel: "off",
    row: "off",
    prefixname: [0.95, 1],
    link: [0, 0.04, 0.94, 1],
    key: [0, 0.04, 0.94, 1],
    chip: [0.3, 0.45],
  },
  end: (film, place) => restingStream(film, place, "tokens", tokensName(film)),
  during(film, place, t) {
    const aside = span(t, 0.02, 0.16) * (1 - span(t, 0.78, 0.97));
    const box = mixBox(streamBox(place), place.main, aside);
    const lead = span(t, 0.44, 0.62);
    const landed = t > LANDED || film.R === 0;
    const name = (words, rows, alpha) => label("Zlabel", box, words, { note: shape(rows, film.D), alpha });
    return [
      matrix(film, "Z", "tokens", box, { lead, bare: !landed }),
      ...followed(film, t, box, lead),
      ...(film.R > 0
        ? [
            name(embeddedName(film), film.N, 1 - span(t, 0.54, 0.6)),
            name(tokensName(film), film.T, span(t, LANDED, LANDED + 0.06)),
          ]
        : [name(embeddedName(film), film.N, 1), nothing(film, place, t)]),
      ...(landed ? [] : film.tokens.prefixNames.flatMap((word, token) => arriving(film, place, t, word, token, box))),
    ];
  },
};

/** The followed patch's row; once the prefix rows have landed, the followed one may be among them. */
function followed(film, t, box, lead) {
  const leaves = film.token < film.R ? 1 - span(t, LANDED, LANDED + 0.06) : 1;
  const patch = { ...rowFrame(film, "row", box, film.patchToken, { lead }), alpha: leaves };
  const prefix = { ...rowFrame(film, "row", box, film.token), alpha: 1 - leaves };
  return [patch, prefix];
}

const nothing = (film, { bench }, t) =>
  text("noprefix", bench.x, bench.y + bench.h / 2, film.say("no_prefix"), {
    alpha: swell(t, 0.14, 0.2, 0.74, 0.8),
  });

/** A learnt row: from the right onto the bench, then down to its place over the patches. */
function arriving(film, { bench, width, font }, t, name, token, box) {
  const space = Math.min(STRIP + 6, bench.h / film.R);
  const high = { x: bench.x, y: bench.y + 12 + token * space, w: bench.w, h: Math.max(3, space - 6) };
  const from = { ...high, x: lerp(width + 10, bench.x, span(t, 0.06 + 0.02 * token, 0.24 + 0.02 * token)) };
  const now = mixBox(from, rowBox(box, token, film.axis()), span(t, 0.5, LANDED));
  const gone = token === 0 ? [0.94, 0.95] : [0.46, 0.52]; // they come too close to be read
  return [
    strip(`prefix/${token}`, "tokens", token, now),
    text(`prefixof/${token}`, bench.x - 6, now.y + now.h / 2 + 4, name, {
      align: "right",
      color: "cls",
      size: font - 2,
      alpha: swell(t, 0.18, 0.24, ...gone),
    }),
  ];
}
