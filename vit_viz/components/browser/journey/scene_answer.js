import { formatPercent, formatShort } from "../shared/numbers.js";
import { mixBox, span } from "./easing.js";
import { band } from "./geometry.js";
import { cornerTokens, frame, image, label, shape, text } from "./objects.js";
import { layerPlaces, reader } from "./scene_layers.js";

const STRIP = 26;

const stripBox = (place) => ({
  x: place.bench.x,
  y: place.bench.y + place.bench.h - STRIP - 14,
  w: place.bench.w,
  h: STRIP,
});

export const answerScene = {
  id: "answer",
  seconds: 9,
  timing: {
    layermap: [0, 0.12],
    layername: [0, 0.1],
    chosenlayer: [0, 0.08],
    mapslabel: [0, 0.1],
    norms: [0.18, 0.28],
    normslabel: [0, 0.1],
    normsrow: [0, 0.08],
    normnow: [0, 0.08],
    layernow: [0, 0.1],
    photo: [0, 0.2],
    chip: [0, 0.2],
    features: "off",
    featureslabel: [0.3, 0.4],
    bar: "off",
    barname: [0.38, 0.48],
    barvalue: [0.82, 0.94],
    logit: [0.46, 0.56],
    headname: [0.34, 0.42],
    nohead: [0.4, 0.5],
  },
  end(film, place) {
    const strip = stripBox(place);
    const corner = cornerTokens(film, place);
    const features = [
      image("features", "features", strip),
      label("featureslabel", strip, film.say("features"), { note: `${reader(film)} · 1 × ${film.D}` }),
    ];
    if (!film.classifies)
      return [
        ...corner,
        ...features,
        text("nohead", place.main.x, place.main.y + 30, film.say("no_classifier"), {}),
      ];
    return [...corner, ...features, ...answers(film, place, 1)];
  },
  during(film, place, t) {
    const { norms } = layerPlaces(film, place);
    const from = readBox(film, norms);
    const box = mixBox(from, stripBox(place), span(t, 0.12, 0.34));
    return [
      image("features", "features", box, { alpha: span(t, 0.1, 0.14) }),
      frame("read", from, "cls", {
        width: 2,
        grow: 2,
        alpha: span(t, 0.02, 0.1) * (1 - span(t, 0.16, 0.24)),
      }),
      ...(film.classifies
        ? answers(film, place, span(t, 0.6, 0.86))
            .filter(({ kind }) => kind === "fill")
            .map((bar) => ({ ...bar, alpha: bar.alpha * span(t, 0.56, 0.62) }))
        : []),
    ];
  },
};

/** The cell of the last column that is read: one token's, or those of all patches. */
function readBox(film, norms) {
  const w = norms.w / (film.L + 1);
  const x = norms.x + norms.w - w;
  if (film.readToken >= 0) {
    const { start, size } = band(norms.h, film.readToken, film.axis());
    return { x, y: norms.y + start, w, h: size };
  }
  const { start } = band(norms.h, film.R, film.axis());
  return { x, y: norms.y + start, w, h: norms.h - start };
}

/** The five most probable classes: logit, bar, probability; the true one is marked. */
export function answers(film, place, grown) {
  const { main, narrow, font } = place;
  const top = main.y + 22;
  const each = Math.min(narrow ? 40 : 52, (main.h - 26) / 5);
  const names = narrow ? 0 : main.w * 0.3;
  const room = { x: main.x + names + (narrow ? 0 : 90), w: main.w - names - (narrow ? 64 : 168) };
  const rows = film.meta.top5.flatMap(({ label: name, prob, logit, index }, i) => {
    const middle = top + each * (i + 0.5);
    const isTrue = film.meta.label?.index === index;
    const bar = {
      x: room.x,
      y: narrow ? middle + 4 : middle - 6,
      w: room.w * prob * grown,
      h: narrow ? 8 : 12,
    };
    const at = narrow ? { x: main.x, y: middle - 3 } : { x: main.x + names, y: middle + 5 };
    return [
      text(`barname/${i}`, at.x, at.y, name, {
        align: narrow ? "left" : "right",
        bold: isTrue,
        most: narrow ? main.w - 70 : names - 4,
        role: "class",
      }),
      text(`logit/${i}`, narrow ? main.x + main.w : room.x - 16, at.y, formatShort(logit), {
        align: "right",
        mono: true,
        color: "quiet",
        size: font - 1.5,
      }),
      { id: `bar/${i}`, kind: "fill", color: "cls", alpha: 1, prob, ...bar },
      text(
        `barvalue/${i}`,
        narrow ? main.x + main.w : room.x + room.w * prob + 10,
        narrow ? middle + 13 : at.y,
        formatPercent(prob),
        {
          mono: true,
          align: narrow ? "right" : "left",
          size: font - 1,
          role: "prob",
          note: isTrue && !narrow ? film.say("true_class") : "",
        },
      ),
    ];
  });
  const head = label("headname", { x: main.x, y: main.y + 10 }, film.say("head_name"), {
    note: shape(film.D, film.C),
    dy: 0,
  });
  return [head, ...rows];
}
