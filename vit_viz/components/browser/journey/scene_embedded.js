import { mixBox, span, steady } from "./easing.js";
import { rowBox } from "./geometry.js";
import { cornerPhoto, frame, label, link, matrix, rowFrame, shape, strip } from "./objects.js";
import { halves } from "./scene_projection.js";

const LAST = 0.66;
const FLIGHT = 0.1;

export const embeddedScene = {
  id: "embedded",
  seconds: 7,
  timing: {
    X: [0.8, 0.9],
    Xlabel: [0.8, 0.9],
    Zframe: [0.78, 0.8],
    link2: [0, 0.1],
    Z: "off",
    Zlabel: [0.84, 1],
    row: [0.84, 1],
    link: [0.84, 1],
    zrow: "off",
  },
  end(film, place) {
    const [tiles, mark] = cornerPhoto(film, place);
    const row = rowFrame(film, "row", place.main, film.patchToken, { lead: 0 });
    return [
      tiles,
      mark,
      matrix(film, "Z", "tokens", place.main, { lead: 0 }),
      label("Zlabel", place.main, film.say("embedded"), { note: shape(film.N, film.D) }),
      row,
      link("link", mark, row),
    ];
  },
  during(film, place, t) {
    const { N, R } = film;
    const [left, right] = halves(place);
    const start = (n) => (LAST * n) / N;
    const landed = Math.floor(steady(t, FLIGHT, LAST + FLIGHT) * N);
    const box = mixBox(right, place.main, span(t, 0.84, 1));
    const out = [matrix(film, "Z", "tokens", box, { lead: 0, upTo: landed / N, alpha: landed > 0 ? 1 : 0 })];
    if (landed < N)
      out.push(strip("zrow", "tokens", film.patchToken, rowBox(right, film.patchToken, film.axis(0))));
    for (let n = landed; n < N && start(n) < t; n += 1) {
      const [from, to] = [left, right].map((half) => rowBox(half, R + n, film.axis(0)));
      const share = span(t, start(n), start(n) + FLIGHT);
      out.push(
        strip(`row/${n}`, "strips", n, mixBox(from, to, share), {
          source2: "tokens",
          row2: R + n,
          mix: share,
        }),
      );
    }
    out.push(
      frame("gate", { x: (left.x + left.w + right.x) / 2, y: left.y, w: 0, h: left.h }, "quiet", {
        dash: [3, 4],
        alpha: span(t, 0, 0.06) * (1 - span(t, 0.74, 0.8)),
      }),
    );
    return out;
  },
};
