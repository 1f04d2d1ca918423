import { mixBox, span, swell } from "./easing.js";
import { rowBox } from "./geometry.js";
import { halves, lineBox } from "./matrix_places.js";
import { cornerPhoto, frame, image, label, link, matrix, rowFrame, shape, strip, text } from "./objects.js";
import { oneNumber } from "./one_number.js";
import { embeddedName } from "./stream.js";

const STRIP = 24;
const UNTIL = 0.5;

export const projectionScene = {
  id: "projection",
  seconds: 14,
  rest: 0.45,
  timing: {
    moving: [0, 0.1],
    Z: [0.8, 0.95],
    Zframe: [0.08, 0.16],
    Zlabel: [0.08, 0.16],
    zrow: "off",
    wholerow: "off",
    vector: "off",
    link2: [0.94, 1],
  },
  end(film, place) {
    const [left, right] = halves(place);
    const [tiles, mark] = cornerPhoto(film, place, { source: "normalised" });
    const row = rowFrame(film, "row", left, film.patchToken, { lead: 0 });
    const landing = rowBox(right, film.patchToken, film.axis(0));
    return [
      tiles,
      mark,
      matrix(film, "X", "strips", left, { lead: 0 }),
      label("Xlabel", left, film.say("flat"), { note: shape(film.N, film.patchNumbers) }),
      row,
      link("link", mark, row),
      frame("Zframe", right),
      label("Zlabel", right, embeddedName(film), { note: shape(film.N, film.D) }),
      strip("zrow", "tokens", film.patchToken, landing),
      link("link2", row, landing),
      strip("wholerow", "tokens", film.patchToken, lineBox(place, STRIP)),
      vectorLabel(film, place),
    ];
  },
  during(film, place, t) {
    const { bench } = place;
    const landing = rowBox(halves(place)[1], film.patchToken, film.axis(0));
    const line = lineBox(place, STRIP);
    const grown = span(t, 0.56, 0.74);
    const none = swell(t, 0.06, 0.14, UNTIL, UNTIL + 0.07);
    return [
      ...(film.has("filter")
        ? oneNumber(film, place, t, UNTIL)
        : [text("nofilter", bench.x, bench.y + bench.h / 2, film.say("no_filter"), { alpha: none })]),
      image("zrow", "tokens", mixBox({ ...line, w: line.w * grown }, landing, span(t, 0.84, 0.98)), {
        sy: film.patchToken / film.T,
        sh: 1 / film.T,
        sw: Math.max(grown, 1e-3),
        alpha: t > 0.56 ? 1 : 0,
      }),
      strip("wholerow", "tokens", film.patchToken, line, { alpha: t < 0.8 ? 0 : 1 }),
      { ...vectorLabel(film, place), alpha: span(t, 0.55, 0.6) },
    ];
  },
};

const vectorLabel = (film, place) => label("vector", lineBox(place, STRIP), film.say("vector", { D: film.D }));
