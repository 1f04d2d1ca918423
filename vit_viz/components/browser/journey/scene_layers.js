import { formatPercent, formatShort, subscript } from "../shared/numbers.js";
import { colourKey } from "./colour_key.js";
import { clamp, mixBox, span, steady } from "./easing.js";
import { layerPlaces, streamBox } from "./matrix_places.js";
import { cornerTokens, faint, frame, image, label, matrix, rowFrame, text } from "./objects.js";
import { largest, onPatches, readRow } from "./numbers_of.js";

const RUN = [0.16, 0.92];

/** Who reads the answer: CLS, or the mean of the patches, of all tokens where the prefix tokens are pooled too. */
export const reader = (film) =>
  film.readToken >= 0
    ? film.tokens.prefixNames[film.readToken]
    : film.say(film.meta.pools_prefix ? "tokens_mean" : "patches_mean");

export const layersScene = {
  id: "layers",
  seconds: 11,
  timing: {
    leaving: [0, 0.06],
    Z: "off",
    row: "off",
    photo: "off",
    chip: "off",
    layermap: "off",
    layername: "off",
    norms: "off",
    key: [0, 0.05, 0.14, 0.2],
    normslabel: [0.1, 0.16],
    normsaxes: [0.1, 0.16],
    normsrow: [0.16, 0.2],
    normnow: [0.94, 1],
    nowlayer: "off",
    mapslabel: [0.1, 0.16],
    layernow: "off",
    layershare: "off",
  },
  end(film, place) {
    const { maps, norms } = layerPlaces(film, place);
    return [
      ...looking(film, place, film.L - 1),
      ...maps.flatMap((cell, layer) => layerMap(film, place, layer, cell, { now: film.L - 1 })),
      nowLayer(maps[film.L - 1]),
      label("mapslabel", place.bench, film.say("maps", { reader: reader(film) }), {
        color: "attention",
        dy: place.narrow ? -8 : 0,
      }),
      matrix(film, "norms", "norms", norms),
      label("normslabel", norms, film.say("norms")),
      ...colourKey(film, place, norms, "norms", film.say("norms")),
      ...(place.narrow ? [] : [normsAxes(film, place, norms)]),
      rowFrame(film, "normsrow", norms, film.token),
      normNow(film, place, norms, film.L),
    ];
  },
  during(film, place, t) {
    const { maps, norms } = layerPlaces(film, place);
    const run = steady(t, ...RUN) * film.L;
    const layer = clamp(Math.floor(run), 0, film.L - 1);
    const [tiles, ...others] = looking(film, place, layer, span(t, 0.08, 0.16), span(run - layer, 0.4, 1));
    const each = norms.w / (film.L + 1);
    const column = { ...norms, x: norms.x + (film.layer + 1) * each, w: each };
    const shown = (1 + run) / (film.L + 1);
    const norm = normNow(film, place, norms, Math.min(film.L, Math.floor(run)));
    return [
      tiles,
      ...others.map((one) => (one.kind === "text" ? { ...one, alpha: span(t, 0.1, 0.16) } : one)),
      ...maps.flatMap((cell, l) => layerMap(film, place, l, cell, { now: layer, alpha: span(run, l, l + 0.7) })),
      ...maps.map((cell, l) => frame(`mapframe/${l}`, cell, "line", {
        alpha: span(t, 0.04, 0.1) * (1 - span(run, l, l + 0.7)),
      })),
      nowLayer(maps[layer], span(t, 0.1, RUN[0])),
      frame("normsframe", norms, "line", { alpha: span(t, 0.06, 0.12) * (1 - span(t, 0.95, 1)) }),
      matrix(film, "norms", "norms", { ...norms, w: norms.w * shown }, { last: shown, alpha: span(t, 0.12, 0.18) }),
      matrix(film, "Z", "resid_after", mixBox(streamBox(place), column, span(t, 0, 0.14)), {
        alpha: 1 - span(t, 0.14, 0.22),
      }),
      ...faint([norm], span(t, 0.14, 0.2) * (1 - span(t, 0.92, 0.94))),
    ];
  },
};

/** Around the map that lies on the photo. */
const nowLayer = (cell, alpha = 1) => frame("nowlayer", cell, "text", { width: 1.5, grow: 2, alpha });

/** Photo and tokens under one layer's weights; the photo's scale is the patches' own, their share is written. */
function looking(film, place, layer, heat = 1, share = 0) {
  const weights = readRow(film, layer);
  const weights2 = readRow(film, Math.min(film.L - 1, layer + 1));
  const full = largest(weights.subarray(film.R)) * (1 - share) + largest(weights2.subarray(film.R)) * share;
  const { x, y, w, h } = place.photo;
  const at = place.narrow ? { x: x + w + 12, y: y + 14 } : { x, y: y + h + 18 };
  const line = (id, i, words) => text(id, at.x, at.y + 17 * i, words, { color: "quiet", size: place.font - 1 });
  const said = film.say("patches_share", { share: formatPercent(onPatches(film, weights)) });
  return [
    ...cornerTokens(film, place, { weights, weights2, share, heat, full }),
    line("layernow", 0, film.say("of_layer", { layer: layer + 1, L: film.L })),
    ...(film.R > 0 ? [line("layershare", 1, said)] : []),
  ];
}

/** One layer's map and its number, bold below the one that lies on the photo. */
function layerMap(film, { narrow, font }, layer, cell, { now, alpha = 1 }) {
  const { x, y, w, h } = cell;
  const name = {
    align: "center",
    color: layer === now ? "text" : "quiet",
    bold: layer === now,
    size: font - 2,
    mono: true,
    alpha,
  };
  return [
    image(`layermap/${layer}`, `layermap/${layer}`, cell, { pick: { layer }, alpha }),
    ...(narrow ? [] : [text(`layername/${layer}`, x + w / 2, y + h + 13, String(layer + 1), name)]),
  ];
}

/** Which way the stripes are to be read. */
function normsAxes(film, { font }, { x, y, h }) {
  return text("normsaxes", x, y + h + 34, film.say("norms_axes", { L: film.L }), { color: "quiet", size: font - 2.5 });
}

/** The length of the followed row after so many layers. */
function normNow(film, { font }, { x, y, w, h }, index) {
  const norm = formatShort(film.array("resid_norm").values[index * film.T + film.token]);
  const words = film.say("norm_now", { token: film.label(film.token), index: subscript(index), norm });
  return text("normnow", x + w, y + h + 17, words, { align: "right", mono: true, size: font - 1.5 });
}
