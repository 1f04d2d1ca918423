import { mixBox, span } from "./easing.js";
import { flock } from "./flights.js";
import { rowBox, tileBox } from "./geometry.js";
import { streamBox } from "./matrix_places.js";
import { cornerPhoto, frame, image, label, link, matrix, photo, rowFrame, shape } from "./objects.js";
import { laneWords, patchImage, pixelRows, unrollPlaces } from "./unrolling.js";

const SOURCE = { source: "normalised" };
// when each channel begins to unroll, and when all three join to a row
const STARTS = [0.12, 0.23, 0.34];
const JOIN = [0.5, 0.62];
const FLIGHTS = { first: 0.5, last: 0.84, flight: 0.1 };

export const flattenScene = {
  id: "flatten",
  seconds: 14,
  timing: {
    leaving: [0, 0.08],
    photo: [0, 0.12],
    follow: [0, 0.12],
    X: "off",
    Xlabel: [0.47, 0.53],
    row: [0.62, 0.66],
    link: [0.92, 1],
  },
  end(film, place) {
    const box = streamBox(place);
    const [tiles, mark] = cornerPhoto(film, place, SOURCE);
    const row = rowFrame(film, "row", box, film.patchToken, { lead: 0 });
    return [
      tiles,
      mark,
      matrix(film, "X", "strips", box, { lead: 0 }),
      label("Xlabel", box, film.say("flat"), { note: shape(film.N, film.patchNumbers) }),
      row,
      link("link", mark, row),
    ];
  },
  during(film, place, t) {
    const box = streamBox(place);
    const tiles = photo(film, place.photo, { gap: 0.1, ...SOURCE });
    return [...flying(film, t, tiles, box), ...unrolled(film, place, t, tiles), ...joined(film, place, t, box)];
  },
};

/** The followed patch: enlarged, then channel by channel unrolled into numbers. */
function unrolled(film, place, t, tiles) {
  const places = unrollPlaces(film, place);
  const { zoom } = places;
  const gone = 1 - span(t, 0.48, 0.56);
  return [
    patchImage(film, mixBox(tileBox(tiles, film.patch), zoom, span(t, 0.04, 0.13)), span(t, 0.01, 0.04) * gone),
    frame("zoomframe", zoom, "text", { alpha: span(t, 0.11, 0.14) * gone }),
    ...STARTS.flatMap((start, channel) => [
      ...(t < JOIN[0] ? pixelRows(film, channel, places, t, start) : []),
      ...laneWords(film, channel, places, place, span(t, start, start + 0.06) * gone),
    ]),
  ];
}

/** The three lines, end to end in the followed row. */
function joined(film, place, t, box) {
  if (t < JOIN[0]) return [];
  const row = rowBox(box, film.patchToken, film.axis(0));
  return unrollPlaces(film, place).lanes.map((lane, channel) => {
    const third = { ...row, x: row.x + (channel * row.w) / 3, w: row.w / 3 };
    const part = { sx: channel / 3, sw: 1 / 3, sy: film.patch / film.N, sh: 1 / film.N };
    return image(`third/${channel}`, "strips", mixBox(lane, third, span(t, ...JOIN)), part);
  });
}

/** All patches, in reading order: from their place in the photo to their row. */
function flying(film, t, tiles, box) {
  const { N, cols, tokens } = film;
  const [w, h] = [tokens.patchWidth, tokens.patchHeight];
  const { landed, flying: rows } = flock(N, t, FLIGHTS);
  return [
    frame("Xframe", box, "line", { alpha: span(t, 0.46, 0.52) * (1 - span(t, 0.98, 1)) }),
    matrix(film, "X", "strips", box, { lead: 0, upTo: landed / N, alpha: landed > 0 ? 1 : 0 }),
    ...rows.map(({ n, share }) => ({
      ...mixBox(tileBox(tiles, n), rowBox(box, film.R + n, film.axis(0)), share),
      id: `row/${n}`,
      kind: "strip",
      ...SOURCE,
      part: [(n % cols) * w, Math.floor(n / cols) * h, w, h],
      source2: "strips",
      row: n,
      mix: share,
      alpha: 1,
    })),
  ];
}
