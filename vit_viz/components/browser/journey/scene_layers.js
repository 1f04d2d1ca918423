import { formatShort } from "../shared/numbers.js";
import { clamp, mixBox, span, steady } from "./easing.js";
import { columns, gridCells } from "./geometry.js";
import { cornerTokens, frame, image, label, matrix, rowFrame, shape, text } from "./objects.js";
import { readRow } from "./numbers_of.js";
import { subscript } from "./stream.js";

const RUN = [0.16, 0.92];

export function layerPlaces(film, place) {
  const tall = { ...place.main, y: place.bench.y + 14, h: place.main.y + place.main.h - place.bench.y - 14 };
  const [maps, norms] = place.narrow ? [place.bench, place.main] : columns(tall, [1.5, 1], 56);
  return { maps: gridCells(maps, film.L, film.aspect, place.narrow ? 5 : 12, place.narrow ? 0 : 16), norms };
}

/** Who reads the answer: CLS, or the mean of the patches. */
export const reader = (film) =>
  film.readToken >= 0 ? film.tokens.prefixNames[film.readToken] : film.say("patches_mean");

export const layersScene = {
  id: "layers",
  seconds: 11,
  timing: {
    Z: "off",
    Zlabel: [0, 0.08],
    prefixname: [0, 0.06],
    row: "off",
    link: [0, 0.06],
    photo: "off",
    chip: [0.1, 0.2],
    layermap: "off",
    layername: "off",
    norms: "off",
    normslabel: [0.14, 0.2],
    normsrow: [0.92, 1],
    normnow: [0.94, 1],
    chosenlayer: [0.92, 1],
    mapslabel: [0.12, 0.2],
    layernow: "off",
  },
  end(film, place) {
    const { maps, norms } = layerPlaces(film, place);
    const last = film.L - 1;
    const [tiles, ...corner] = cornerTokens(film, place, { weights: readRow(film, last), heat: 1 });
    return [
      tiles,
      ...corner,
      ...now(film, place, last),
      ...maps.flatMap((cell, layer) => layerMap(film, place, layer, cell, 1)),
      frame("chosenlayer", maps[film.layer], "text", { width: 1.5, grow: 2 }),
      {
        ...label(
          "mapslabel",
          { x: place.bench.x, y: place.bench.y },
          film.say("maps", { reader: reader(film) }),
          { color: "attention" },
        ),
      },
      matrix(film, "norms", "norms", norms),
      label("normslabel", norms, film.say("norms"), { note: shape(film.T, film.L + 1) }),
      rowFrame(film, "normsrow", norms, film.token),
      normNow(film, place, norms, film.L, 1),
    ];
  },
  during(film, place, t) {
    const { maps, norms } = layerPlaces(film, place);
    const run = steady(t, ...RUN) * film.L;
    const layer = clamp(Math.floor(run), 0, film.L - 1);
    const [tiles] = cornerTokens(film, place, { heat: span(t, 0.1, 0.2), weights: readRow(film, layer) });
    const column = {
      x: norms.x + ((film.layer + 1) * norms.w) / (film.L + 1),
      y: norms.y,
      w: norms.w / (film.L + 1),
      h: norms.h,
    };
    const shown = (1 + run) / (film.L + 1);
    const shrinking = span(t, 0, 0.14);
    return [
      {
        ...tiles,
        weights2: readRow(film, Math.min(film.L - 1, layer + 1)),
        share: span(run - layer, 0.4, 1),
      },
      ...now(film, place, layer).map((object) => ({ ...object, alpha: span(t, 0.14, 0.2) })),
      ...maps.flatMap((cell, l) => layerMap(film, place, l, cell, span(run, l, l + 0.7))),
      frame("normsframe", norms, "line", { alpha: span(t, 0.08, 0.14) * (1 - span(t, 0.95, 1)) }),
      matrix(
        film,
        "norms",
        "norms",
        { ...norms, w: norms.w * shown },
        { last: shown, alpha: span(t, 0.12, 0.18) },
      ),
      matrix(film, "Z", "resid_after", mixBox(place.main, column, shrinking), {
        alpha: 1 - span(t, 0.14, 0.22),
      }),
      {
        ...normNow(film, place, norms, Math.min(film.L, Math.floor(run)), 1),
        alpha: span(t, 0.16, 0.22) * (1 - span(t, 0.92, 0.94)),
      },
    ];
  },
};

function layerMap(film, place, layer, cell, alpha) {
  return [
    { ...image(`layermap/${layer}`, `layermap/${layer}`, cell, { pick: { layer } }), alpha },
    ...(place.narrow
      ? []
      : [
          text(`layername/${layer}`, cell.x + cell.w / 2, cell.y + cell.h + 13, String(layer + 1), {
            align: "center",
            color: layer === film.layer ? "text" : "quiet",
            size: place.font - 2,
            mono: true,
            alpha,
          }),
        ]),
  ];
}

function now(film, place, layer) {
  const { x, y, w, h } = place.photo;
  const at = place.narrow ? [x + w + 12, y + 14] : [x, y + h + 18];
  return [
    text("layernow", ...at, film.say("of_layer", { layer: layer + 1, L: film.L }), {
      color: "quiet",
      size: place.font - 1,
    }),
  ];
}

function normNow(film, place, box, index, alpha) {
  const norm = film.array("resid_norm").values[index * film.T + film.token];
  const words = film.say("norm_now", {
    token: film.label(film.token),
    index: subscript(index),
    norm: formatShort(norm),
  });
  return text("normnow", box.x + box.w, box.y + box.h + 17, words, {
    align: "right",
    mono: true,
    size: place.font - 1.5,
    alpha,
  });
}
