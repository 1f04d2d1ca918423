import { mixBox, span, swell } from "./easing.js";
import { columns, rowBox } from "./geometry.js";
import { cornerTokens, image, label, matrix, rowFrame, shape, text } from "./objects.js";
import { largest, weightsOf } from "./numbers_of.js";
import { parked, streamName } from "./stream.js";
import { waitingValues } from "./scene_scores.js";

export const mixPlaces = (place) =>
  columns(place.main, place.narrow ? [4, 2.6, 2.6] : [5, 2.4, 2.4], place.narrow ? 26 : 62);

export const mixScene = {
  id: "mix",
  seconds: 11,
  timing: {
    A: [0, 0.18],
    Alabel: [0, 0.18],
    Srow: [0, 0.18],
    V: "off",
    Vlabel: [0, 0.18],
    rowbars: [0, 0.14],
    rowname: [0, 0.1],
    sum: [0, 0.1],
    most: [0, 0.1],
    O: "off",
    Olabel: [0.56, 0.66],
    Orow: [0.62, 0.68],
  },
  end(film, place) {
    const [weights, values, out] = mixPlaces(place);
    const row = weightsOf(film, film.token);
    return [
      ...cornerTokens(film, place, { weights: row, heat: 1 }),
      ...parked(film, place, "resid_before", streamName(film, film.layer)),
      matrix(film, "A", "attn", weights, { axes: "both" }),
      label("Alabel", weights, "A", { color: "attention", note: shape(film.T, film.T) }),
      rowFrame(film, "Srow", weights, film.token),
      matrix(film, "V", "v", values, { alpha: 0.45 }),
      label("Vlabel", values, "V", { color: "value", note: place.narrow ? "" : shape(film.T, film.K) }),
      matrix(film, "O", "head_out", out),
      label("Olabel", out, "O", { color: "value", note: place.narrow ? "" : shape(film.T, film.K) }),
      rowFrame(film, "Orow", out, film.token),
    ];
  },
  during(film, place, t) {
    const [, values, out] = mixPlaces(place);
    const row = weightsOf(film, film.token);
    const box = mixBox(waitingValues(place), values, span(t, 0, 0.18));
    const weighing = swell(t, 0.3, 0.42, 0.66, 0.74);
    const target = rowBox(out, film.token, film.axis());
    const falling = span(t, 0.46, 0.62);
    const strips = {
      x: values.x - (place.narrow ? 23 : 50),
      y: values.y,
      w: place.narrow ? 20 : 46,
      h: values.h,
    };
    const dim = 0.45 + 0.55 * span(t, 0.04, 0.18) * (1 - span(t, 0.74, 0.84));
    const others = span(t, 0.7, 0.95);
    return [
      {
        id: "weightbars",
        kind: "bars",
        axis: "rows",
        values: row,
        top: largest(row),
        upTo: span(t, 0.18, 0.3),
        ...film.axis(),
        alpha: 1 - span(t, 0.66, 0.74),
        ...strips,
      },
      matrix(film, "V", "v", box, { source2: `weighted/${film.token}`, mix: weighing, alpha: dim }),
      text("mixnote", out.x + out.w, place.bench.y + place.bench.h - 4, film.say("mixed"), {
        align: "right",
        mono: true,
        color: "value",
        alpha: swell(t, 0.3, 0.38, 0.66, 0.72),
      }),
      matrix(film, "falling", `weighted/${film.token}`, mixBox(values, target, falling), {
        lead: 1 - falling,
        alpha: swell(t, 0.44, 0.48, 0.6, 0.63),
      }),
      image("ofirst", "head_out", target, {
        sy: film.token / film.T,
        sh: 1 / film.T,
        alpha: span(t, 0.6, 0.63),
      }),
      matrix(film, "O", "head_out", out, { upTo: others, alpha: others > 0 ? 1 : 0 }),
    ];
  },
};
