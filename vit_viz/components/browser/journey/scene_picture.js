import { formatShort } from "../shared/numbers.js";
import { mixBox, span, swell } from "./easing.js";
import { frame, label, photo, shape, text } from "./objects.js";
import { middlePixel } from "./numbers_of.js";
import { wholeBox } from "./scene_batch.js";

export const pictureScene = {
  id: "picture",
  seconds: 9,
  timing: {
    whole: [0.44, 0.52],
    label: [0, 0.12],
    photo: "off",
    note: [0.76, 0.84],
    pixel: [0.72, 0.8],
    name: [0.86, 0.94],
  },
  end(film, place) {
    const note = shape(film.imageHeight, film.imageWidth);
    return [
      photo(film, place.big, { source: "normalised" }),
      label("name", place.big, film.say("model_input"), { note: `${note} × 3` }),
      frame("pixel", pixelBox(film, place.big), "text", { grow: 3, width: 1.5 }),
      foot(place, "note", pixelWords(film)),
    ];
  },
  during(film, place, t) {
    const cut = cropBox(film, wholeBox(film, place));
    const { photo: from, resized: to } = film.meta.crop;
    const resized = film.say("resized", { from: highWide(from), to: highWide(to) });
    const cropped = film.say("cropped", { to: shape(film.imageHeight, film.imageWidth) });
    return [
      photo(film, mixBox(cut, place.big, span(t, 0.5, 0.68)), {
        alpha: span(t, 0.38, 0.44),
        source2: "normalised",
        mix: span(t, 0.78, 0.92),
      }),
      frame("cut", cut, "text", { width: 2, alpha: swell(t, 0.2, 0.32, 0.46, 0.52) }),
      foot(place, "resize", resized, swell(t, 0.06, 0.14, 0.3, 0.36)),
      foot(place, "crop", cropped, swell(t, 0.34, 0.4, 0.68, 0.74)),
    ];
  },
};

/** [width, height] of a photo in the order of the arrays that are made of it. */
const highWide = ([width, height]) => shape(height, width);

/** A line under the picture. */
const foot = ({ width, big, font }, id, words, alpha = 1) =>
  text(id, width / 2, big.y + big.h + 22, words, { align: "center", mono: true, size: font - 1, alpha });

/** Where the model's crop lies in the whole photo on stage. */
function cropBox(film, whole) {
  const { resized, box } = film.meta.crop;
  const [x, y, right, bottom] = box.map((edge, i) => (edge / resized[i % 2]) * (i % 2 ? whole.h : whole.w));
  return { x: whole.x + x, y: whole.y + y, w: right - x, h: bottom - y };
}

/** The pixel in the middle of the followed patch. */
function pixelBox(film, { x, y, w, h }) {
  const { patchHeight: ph, patchWidth: pw } = film.tokens;
  const row = Math.floor(film.patch / film.cols) * ph + Math.floor(ph / 2);
  const col = (film.patch % film.cols) * pw + Math.floor(pw / 2);
  const [side, high] = [w / film.imageWidth, h / film.imageHeight];
  return { x: x + col * side, y: y + row * high, w: side, h: high };
}

function pixelWords(film) {
  const { rgb, values } = middlePixel(film, film.patch);
  return film.say("one_pixel", { rgb: rgb.join(", "), values: values.map(formatShort).join(", ") });
}
