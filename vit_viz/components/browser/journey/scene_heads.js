import { subscript } from "../shared/numbers.js";
import { lerp, mixBox, span } from "./easing.js";
import { headPlaces, mixPlaces } from "./matrix_places.js";
import { frame, label, matrix, shape, text } from "./objects.js";
import { weightsOf } from "./numbers_of.js";
import { attnTerm, bias, waiting } from "./stream.js";

const GATHER = [0.02, 0.16];
const SPREAD = [0.06, 0.24];
const PROJECT = [0.76, 0.92];

export const headsScene = {
  id: "heads",
  seconds: 11,
  timing: {
    leaving: [0, 0.06],
    A: "off",
    O: "off",
    map: "off",
    mapname: [0.24, 0.32],
    chosenmap: [0.16, 0.24],
    attnout: "off",
    attnlabel: [0.92, 0.99],
  },
  end(film, place) {
    const { maps, out } = headPlaces(film, place);
    return [
      ...waiting(film, place, { weights: weightsOf(film, film.token), heat: 1 }),
      ...maps.map((cell, head) => map(film, head, cell)),
      frame("chosenmap", maps[film.head], "text", { width: 1.5, grow: 2.5 }),
      ...mapNames(film, place, maps),
      matrix(film, "attnout", "attn_out", out),
      label("attnlabel", out, attnTerm(film), { note: place.narrow ? "" : shape(film.T, film.D) }),
    ];
  },
  during(film, place, t) {
    const { maps, out } = headPlaces(film, place);
    const [from, , output] = mixPlaces(place);
    const gathered = span(t, ...GATHER);
    const others = film.H > 1 ? span(t, ...SPREAD) : 0;
    const first = mixBox(from, maps[film.head], gathered);
    const arrived = span(t, SPREAD[0], SPREAD[0] + 0.06);
    return [
      ...maps
        .map((cell, head) => map(film, head, mixBox(first, cell, others), { alpha: arrived }))
        .filter((_, head) => head !== film.head),
      map(film, film.head, first, {
        id: "A",
        source: gathered < 1 ? "attn" : `head/${film.head}`,
        lead: lerp(1, 0.3, gathered),
      }),
      frame("outframe", out, "line", { alpha: span(t, 0.02, 0.1) * (1 - span(t, 0.66, 0.7)) }),
      ...maps.map((cell, head) => slab(film, head, t, { cell, out, output })),
      matrix(film, "attnout", "concat", out, {
        source2: "attn_out",
        mix: span(t, ...PROJECT),
        alpha: span(t, 0.66, 0.7),
      }),
      ...outNames(film, place, t, out),
    ];
  },
};

const map = (film, head, box, more = {}) =>
  matrix(film, `map/${head}`, `head/${head}`, box, { axes: "both", lead: 0.3, pick: { head }, ...more });

function mapNames(film, { font }, maps) {
  if (maps[0].h < 44) return [];
  return maps.map(({ x, y, w, h }, head) =>
    text(`mapname/${head}`, x + w / 2, y + h + 14, film.say("head", { head: head + 1 }), {
      align: "center",
      color: head === film.head ? "text" : "quiet",
      size: font - 2,
      most: w + 12,
    }),
  );
}

/** A head's output on its way to its columns of the wide matrix; the chosen one comes from the scene before. */
function slab(film, head, t, { cell, out, output }) {
  const { H } = film;
  const target = { ...out, x: out.x + (head * out.w) / H, w: out.w / H };
  const chosen = head === film.head;
  const start = chosen ? GATHER[0] : 0.34 + (0.12 * head) / H;
  const share = span(t, start, start + (chosen ? 0.16 : 0.18));
  const alpha = (chosen ? 1 : span(t, start, start + 0.05)) * (1 - span(t, 0.68, 0.7));
  const part = chosen && share === 0 ? {} : { first: head / H, last: (head + 1) / H };
  const source = chosen && share === 0 ? "head_out" : "concat";
  return matrix(film, `slab/${head}`, source, mixBox(chosen ? output : cell, target, share), {
    lead: chosen ? 1 : lerp(0.3, 1, share),
    alpha,
    ...part,
  });
}

/** What stands at the right: the heads side by side, then what they are multiplied with. */
function outNames(film, place, t, out) {
  const { T, H, K, D } = film;
  const note = (words) => (place.narrow ? "" : words);
  const side = `[O₁ … O${subscript(H)}]`;
  const heads = span(t, 0.06, 0.14) * (1 - span(t, 0.7, 0.74));
  const product = span(t, 0.74, 0.78) * (1 - span(t, 0.9, 0.94));
  return [
    label("concatlabel", out, side, { color: "value", note: note(shape(T, H * K)), alpha: heads }),
    label("productlabel", out, `× Wₒ${bias(film, "out")}`, { note: note(`Wₒ : ${shape(H * K, D)}`), alpha: product }),
  ];
}
