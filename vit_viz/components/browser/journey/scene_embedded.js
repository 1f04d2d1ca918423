import { mixBox, span } from "./easing.js";
import { colourKey } from "./colour_key.js";
import { flock } from "./flights.js";
import { rowBox } from "./geometry.js";
import { halves, streamBox } from "./matrix_places.js";
import { cornerPhoto, frame, label, link, matrix, rowFrame, shape, strip } from "./objects.js";
import { embeddedName } from "./stream.js";

const FLIGHTS = { first: 0, last: 0.66, flight: 0.1 };
const GROW = [0.8, 0.98];

export const embeddedScene = {
  id: "embedded",
  seconds: 7,
  timing: {
    leaving: [0.7, 0.8],
    moving: GROW,
    link2: [0, 0.1],
    wholerow: [0, 0.1],
    vector: [0, 0.1],
    photo: [0.1, 0.4],
    Z: "off",
    zrow: "off",
    key: [0.9, 1],
  },
  end(film, place) {
    const box = streamBox(place);
    const [tiles, mark] = cornerPhoto(film, place);
    const row = rowFrame(film, "row", box, film.patchToken, { lead: 0 });
    return [
      tiles,
      mark,
      matrix(film, "Z", "tokens", box, { lead: 0 }),
      label("Zlabel", box, embeddedName(film), { note: shape(film.N, film.D) }),
      ...colourKey(film, place, box, "tokens", `${embeddedName(film)} ${shape(film.N, film.D)}`),
      row,
      link("link", mark, row),
    ];
  },
  during(film, place, t) {
    const { N, R } = film;
    const [left, right] = halves(place);
    const { landed, flying } = flock(N, t, FLIGHTS);
    const gate = { x: (left.x + left.w + right.x) / 2, y: left.y, w: 0, h: left.h };
    const row = (half, n) => rowBox(half, R + n, film.axis(0));
    return [
      matrix(film, "Z", "tokens", mixBox(right, streamBox(place), span(t, ...GROW)), {
        lead: 0,
        upTo: landed / N,
        alpha: landed > 0 ? 1 : 0,
      }),
      ...(landed < N ? [strip("zrow", "tokens", film.patchToken, row(right, film.patch))] : []),
      ...flying.map(({ n, share }) =>
        strip(`row/${n}`, "strips", n, mixBox(row(left, n), row(right, n), share), {
          source2: "tokens",
          row2: R + n,
          mix: share,
        }),
      ),
      frame("gate", gate, "quiet", { dash: [3, 4], alpha: span(t, 0, 0.06) * (1 - span(t, 0.72, 0.78)) }),
    ];
  },
};
