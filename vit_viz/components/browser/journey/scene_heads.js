import { lerp, mixBox, span, steady } from "./easing.js";
import { columns, gridCells } from "./geometry.js";
import { cornerTokens, frame, label, matrix, shape, text } from "./objects.js";
import { weightsOf } from "./numbers_of.js";
import { parked, streamName } from "./stream.js";
import { mixPlaces } from "./scene_mix.js";

export function headPlaces(film, place) {
  const [left, right] = place.narrow
    ? [place.bench, place.main]
    : columns(
        { ...place.main, y: place.bench.y + 14, h: place.main.y + place.main.h - place.bench.y - 14 },
        [1.25, 1],
        56,
      );
  return {
    maps: gridCells(left, film.H, 1, place.narrow ? 6 : 14, place.narrow && film.H > 8 ? 0 : 18),
    out: right,
  };
}

export const headsScene = {
  id: "heads",
  seconds: 11,
  timing: {
    A: "off",
    Alabel: [0, 0.08],
    Srow: [0, 0.08],
    V: [0, 0.1],
    Vlabel: [0, 0.08],
    O: "off",
    Olabel: [0, 0.08],
    Orow: [0, 0.08],
    map: "off",
    mapname: [0.26, 0.4],
    chosenmap: [0.3, 0.4],
    attnout: "off",
    attnlabel: [0.88, 0.98],
  },
  end(film, place) {
    const { maps, out } = headPlaces(film, place);
    const names =
      maps[0].h < 44
        ? []
        : maps.map((cell, head) =>
            text(
              `mapname/${head}`,
              cell.x + cell.w / 2,
              cell.y + cell.h + 14,
              film.say("head", { head: head + 1 }),
              {
                align: "center",
                color: head === film.head ? "text" : "quiet",
                size: place.font - 2,
                most: cell.w + 12,
              },
            ),
          );
    return [
      ...cornerTokens(film, place, { weights: weightsOf(film, film.token), heat: 1 }),
      ...parked(film, place, "resid_before", streamName(film, film.layer)),
      ...maps.map((cell, head) => map(film, head, cell)),
      frame("chosenmap", maps[film.head], "text", { width: 1.5, grow: 2.5 }),
      ...names,
      matrix(film, "attnout", "attn_out", out),
      label("attnlabel", out, film.say("attn_out"), { note: shape(film.T, film.D) }),
    ];
  },
  during(film, place, t) {
    const { maps, out } = headPlaces(film, place);
    const [from, , output] = mixPlaces(place);
    const gathered = span(t, 0.02, 0.2);
    const concat = span(t, 0.68, 0.72);
    const projecting = span(t, 0.78, 0.92);
    return [
      ...maps.flatMap((cell, head) =>
        head === film.head
          ? []
          : [
              {
                ...map(film, head, mixBox(maps[film.head], cell, span(t, 0.16, 0.34))),
                alpha: span(t, 0.16, 0.24),
              },
            ],
      ),
      map(film, film.head, mixBox(from, cell(maps, film), gathered), {
        id: "A",
        source: gathered < 1 ? "attn" : `head/${film.head}`,
        lead: 1 - gathered,
      }),
      ...maps.flatMap((place_, head) => slab(film, head, t, { cell: place_, out, output })),
      frame("outframe", out, "line", { alpha: span(t, 0.3, 0.4) * (1 - concat) }),
      matrix(film, "attnout", "concat", out, { source2: "attn_out", mix: projecting, alpha: concat }),
      {
        ...label("concatlabel", out, film.say("concat"), {
          note: place.narrow ? "" : shape(film.T, film.H * film.K),
        }),
        alpha: span(t, 0.44, 0.54) * (1 - span(t, 0.8, 0.88)),
      },
    ];
  },
};

const cell = (maps, film) => maps[film.head];

const map = (film, head, box, more = {}) =>
  matrix(film, `map/${head}`, `head/${head}`, box, { axes: "both", lead: 0.3, pick: { head }, ...more });

/** A head's output on its way to its columns of the wide matrix; the chosen one comes from the scene before. */
function slab(film, head, t, { cell: from, out, output }) {
  const { H } = film;
  const target = { x: out.x + (head * out.w) / H, y: out.y, w: out.w / H, h: out.h };
  const chosen = head === film.head;
  const start = chosen ? 0.02 : 0.42 + (0.1 * head) / H;
  const share = span(t, start, start + 0.2);
  const alpha = chosen ? 1 : steady(t, start, start + 0.08);
  const box = mixBox(chosen ? output : from, target, share);
  const lead = chosen ? 1 : lerp(0.3, 1, share);
  return [
    matrix(film, `slab/${head}`, chosen && share < 1 ? "head_out" : "concat", box, {
      lead,
      alpha: alpha * (1 - span(t, 0.72, 0.74)),
      ...(chosen && share < 1 ? {} : { first: head / H, last: (head + 1) / H }),
    }),
  ];
}
