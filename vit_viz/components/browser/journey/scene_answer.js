import { mixBox, span } from "./easing.js";
import { answers } from "./answers.js";
import { band } from "./geometry.js";
import { layerPlaces } from "./matrix_places.js";
import { cornerTokens, faint, frame, image, label, shape, text } from "./objects.js";
import { reader } from "./scene_layers.js";
import { bias, lastNormed, streamName } from "./stream.js";

const STRIP = 24;
const MOVE = [0.08, 0.26];
const NORM = [0.3, 0.42];

export const answerScene = {
  id: "answer",
  seconds: 11,
  timing: {
    leaving: [0, 0.08],
    norms: [0.05, 0.13],
    photo: [0, 0.16],
    chip: [0, 0.16],
    features: "off",
    featureslabel: "off",
    bar: "off",
    barname: [0.06, 0.14],
    weights: [0.12, 0.2],
    barvalue: [0.82, 0.94],
    logit: [0.46, 0.56],
    headname: [0.05, 0.12],
    headcolumns: [0.12, 0.2],
    nohead: [0.3, 0.4],
  },
  end(film, place) {
    const strip = stripBox(place);
    const said = film.C > 0 ? "no_names" : "no_classifier";
    const none = [text("nohead", place.main.x, place.main.y + 30, film.say(said, { C: film.C, b: bias(film, "head") }))];
    return [
      ...cornerTokens(film, place),
      image("features", "features", strip),
      label("featureslabel", strip, featuresName(film), { note: shape(1, film.D) }),
      ...(film.classifies ? answers(film, place, 1) : none),
    ];
  },
  during(film, place, t) {
    const from = readBox(film, layerPlaces(film, place).norms);
    const strip = stripBox(place);
    const box = mixBox(from, strip, span(t, ...MOVE));
    const norm = span(t, ...NORM);
    const named = (words, alpha) => label("featureslabel", strip, words, { note: shape(1, film.D), alpha });
    const source = film.has("read_row") ? "read_row" : "features";
    const bars = answers(film, place, span(t, 0.58, 0.84)).filter(({ id }) => id.startsWith("bar/"));
    return [
      image("features", source, box, { source2: "features", mix: norm, alpha: span(t, 0.05, 0.09) }),
      frame("read", from, "cls", { width: 2, grow: 2, alpha: span(t, 0.01, 0.06) * (1 - span(t, 0.1, 0.16)) }),
      named(rowName(film), span(t, 0.22, 0.28) * (1 - span(norm, 0, 0.5))),
      named(featuresName(film), span(norm, 0.5, 1)),
      ...(film.classifies ? faint(bars, span(t, 0.56, 0.62)) : []),
    ];
  },
};

const stripBox = ({ bench }) => ({ x: bench.x, y: bench.y + bench.h - STRIP - 10, w: bench.w, h: STRIP });

/** "z₆ of CLS", and "y = LN(z₆) of CLS" once it is normalised; "features y" where they come another way. */
function rowName(film) {
  if (!film.has("read_row")) return film.say("features");
  return film.say("last_row", { z: streamName(film, film.L), reader: reader(film) });
}

function featuresName(film) {
  if (!film.has("read_row")) return film.say("features");
  return film.say("row_read", { z: lastNormed(film), reader: reader(film) });
}

/** The cells of the last column that are read: one token's, or those of all that are pooled. */
function readBox(film, { x, y, w, h }) {
  const each = w / (film.L + 1);
  const { start, size } = band(h, Math.max(0, film.readToken), film.axis());
  const rest = film.readToken < 0 ? { y: y + band(h, film.meta.pools_prefix ? 0 : film.R, film.axis()).start } : { y: y + start, h: size };
  return { x: x + w - each, w: each, h: y + h - rest.y, ...rest };
}
