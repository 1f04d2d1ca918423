import { mixBox, span, steady } from "./easing.js";
import { rowBox, tileBox } from "./geometry.js";
import {
  cornerPhoto,
  frame,
  image,
  label,
  link,
  matrix,
  photo,
  rowFrame,
  shape,
  text,
  withAlpha,
} from "./objects.js";

const FIRST = 0.52;
const LAST = 0.86;
const FLIGHT = 0.12;

export const flattenScene = {
  id: "flatten",
  seconds: 13,
  timing: {
    photo: [0, 0.14],
    follow: [0, 0.14],
    note: [0, 0.08],
    name: [0, 0.08],
    X: "off",
    Xlabel: [0.46, 0.56],
    row: [0.64, 0.7],
    link: [0.92, 1],
  },
  end(film, place) {
    const [tiles, mark] = cornerPhoto(film, place);
    const row = rowFrame(film, "row", place.main, film.patchToken, { lead: 0 });
    return [
      tiles,
      mark,
      matrix(film, "X", "strips", place.main, { lead: 0 }),
      label("Xlabel", place.main, film.say("flat"), { note: shape(film.N, film.patchNumbers) }),
      row,
      link("link", mark, row),
    ];
  },
  during(film, place, t) {
    const tiles = photo(film, place.photo, { gap: 0.1 });
    const followed = rowBox(place.main, film.patchToken, film.axis(0));
    return [...unrolled(film, place, t, tiles, followed), ...flying(film, place, t, tiles)];
  },
};

/** The followed patch: enlarged, unrolled pixel row by pixel row into R, G, B, then joined to one row. */
function unrolled(film, place, t, tiles, followed) {
  const { bench } = place;
  const side = bench.h;
  const zoom = {
    x: bench.x,
    y: bench.y,
    w: side * (film.tokens.patchWidth / film.tokens.patchHeight),
    h: side,
  };
  const left = zoom.x + zoom.w + 34;
  const lanes = [0, 1, 2].map((channel) => ({
    x: left,
    y: bench.y + (channel * side) / 3 + side / 12,
    w: bench.x + bench.w - left,
    h: side / 6,
  }));
  const joining = span(t, 0.5, 0.64);
  const shown = span(t, 0.16, 0.22) * (1 - span(t, 0.46, 0.52));
  const out = [
    withAlpha(
      patchImage(film, mixBox(tileBox(tiles, film.patch), zoom, span(t, 0.1, 0.2))),
      t < 0.1 ? 0 : 1 - span(t, 0.56, 0.62),
    ),
  ];
  lanes.forEach((lane, channel) => {
    const third = {
      x: followed.x + (channel * followed.w) / 3,
      y: followed.y,
      w: followed.w / 3,
      h: followed.h,
    };
    if (t < 0.5) out.push(...pixelRows(film, channel, zoom, lane, t));
    else
      out.push(
        image(`third/${channel}`, "strips", mixBox(lane, third, joining), {
          sx: channel / 3,
          sw: 1 / 3,
          sy: film.patch / film.N,
          sh: 1 / film.N,
        }),
      );
    out.push(
      text(`plane/${channel}`, lane.x - 8, lane.y + lane.h * 0.85, "RGB"[channel], {
        align: "right",
        mono: true,
        size: place.font - 1.5,
        alpha: shown,
      }),
    );
  });
  out.push(frame("zoomframe", zoom, "text", { alpha: span(t, 0.18, 0.22) * (1 - span(t, 0.52, 0.56)) }));
  return out;
}

function pixelRows(film, channel, zoom, lane, t) {
  const P = film.tokens.patchHeight;
  return Array.from({ length: P }, (_, i) => {
    const start = 0.22 + (0.16 * i) / P;
    const from = { x: zoom.x, y: zoom.y + (i * zoom.h) / P, w: zoom.w, h: zoom.h / P };
    const to = { x: lane.x + (i * lane.w) / P, y: lane.y, w: lane.w / P, h: lane.h };
    const share = span(t, start, start + 0.09);
    return image(`pixels/${channel}/${i}`, `channel/${channel}/${film.patch}`, mixBox(from, to, share), {
      sy: i / P,
      sh: 1 / P,
      alpha: steady(t, start, start + 0.02),
    });
  });
}

const patchImage = (film, box) =>
  image("zoom", "image", box, {
    sx: (film.patch % film.cols) / film.cols,
    sy: Math.floor(film.patch / film.cols) / film.rows,
    sw: 1 / film.cols,
    sh: 1 / film.rows,
  });

/** All patches, in reading order: from their place in the photo to their row. */
function flying(film, place, t, tiles) {
  const { N } = film;
  const start = (n) => FIRST + ((LAST - FIRST) * n) / N;
  const landed = Math.floor(steady(t, FIRST + FLIGHT, LAST + FLIGHT) * N);
  const out = [
    matrix(film, "X", "strips", place.main, { lead: 0, upTo: landed / N, alpha: landed > 0 ? 1 : 0 }),
    frame("Xframe", place.main, "line", { alpha: span(t, 0.44, 0.52) * (1 - span(t, 0.98, 1)) }),
  ];
  for (let n = landed; n < N && start(n) < t; n += 1) {
    out.push(
      flight(
        film,
        n,
        tileBox(tiles, n),
        rowBox(place.main, film.R + n, film.axis(0)),
        span(t, start(n), start(n) + FLIGHT),
      ),
    );
  }
  return out;
}

function flight(film, n, from, to, share) {
  const { patchWidth: w, patchHeight: h } = film.tokens;
  const part = [(n % film.cols) * w, Math.floor(n / film.cols) * h, w, h];
  return {
    id: `row/${n}`,
    kind: "strip",
    source: "image",
    part,
    source2: "strips",
    row: n,
    mix: share,
    alpha: 1,
    ...mixBox(from, to, share),
  };
}
