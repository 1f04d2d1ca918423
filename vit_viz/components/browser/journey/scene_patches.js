import { span, swell } from "./easing.js";
import { follow, label, photo, shape, text } from "./objects.js";

const GAP = 0.14;
const FURTHER = 0.22;

export const patchesScene = {
  id: "patches",
  seconds: 7,
  timing: { photo: "off", pixel: [0, 0.08], follow: [0.82, 0.96], note: [0, 0.08, 0.82, 1], name: [0.3, 0.5] },
  end(film, place) {
    const { big, width } = place;
    const { rows, cols, N, tokens } = film;
    const tiles = photo(film, big, { gap: GAP, source: "normalised" });
    const size = shape(tokens.patchHeight, tokens.patchWidth);
    const followed = film.say("one_patch", { patch: film.label(film.patchToken), size });
    return [
      tiles,
      follow(film, tiles),
      label("name", big, film.say("patches", { N }), { note: shape(rows, cols) }),
      text("note", width / 2, big.y + big.h + 22, followed, { align: "center", color: "quiet" }),
    ];
  },
  during(film, place, t) {
    const gap = GAP * span(t, 0.48, 0.7) + FURTHER * swell(t, 0.5, 0.7, 0.76, 0.94);
    const grid = span(t, 0, 0.42) * (1 - span(t, 0.48, 0.6));
    return [photo(film, place.big, { gap, grid, source: "normalised" })];
  },
};
