import { formatShort } from "../shared/numbers.js";
import { mixBox, span, swell } from "./easing.js";
import { frame, label, photo, shape, text } from "./objects.js";
import { middlePixel } from "./numbers_of.js";
import { wholeBox } from "./scene_batch.js";

export const pictureScene = {
  id: "picture",
  seconds: 9,
  timing: { whole: [0.44, 0.52], label: [0, 0.12], photo: "off", name: [0.62, 0.74] },
  end(film, place) {
    const { imageWidth: w, imageHeight: h } = film;
    return [
      photo(film, place.big),
      label("name", place.big, film.say("model_input"), { note: `${shape(h, w)} × 3` }),
    ];
  },
  during(film, place, t) {
    const cut = cropBox(film, wholeBox(film, place));
    const foot = place.big.y + place.big.h + 22;
    const note = (id, words, alpha) =>
      text(id, place.width / 2, foot, words, { align: "center", mono: true, size: place.font - 1, alpha });
    const colours = swell(t, 0.7, 0.8, 0.93, 1);
    return [
      photo(film, mixBox(cut, place.big, span(t, 0.5, 0.68)), {
        alpha: span(t, 0.38, 0.44),
        source2: "normalised",
        mix: colours,
      }),
      frame("cut", cut, "text", { width: 2, alpha: swell(t, 0.2, 0.32, 0.46, 0.52) }),
      note("resize", resized(film), swell(t, 0.12, 0.2, 0.3, 0.36)),
      note("crop", cropped(film), swell(t, 0.34, 0.4, 0.6, 0.66)),
      note("pixel", pixel(film), swell(t, 0.72, 0.8, 0.94, 1)),
    ];
  },
};

/** Where the model's crop lies in the whole photo on stage. */
function cropBox(film, whole) {
  const {
    resized: [w, h],
    box: [left, top, right, bottom],
  } = film.meta.crop;
  return {
    x: whole.x + (left / w) * whole.w,
    y: whole.y + (top / h) * whole.h,
    w: ((right - left) / w) * whole.w,
    h: ((bottom - top) / h) * whole.h,
  };
}

function resized(film) {
  const { photo: from, resized: to } = film.meta.crop;
  return film.say("resized", { from: shape(...from), to: shape(...to) });
}

function cropped(film) {
  return film.say("cropped", { to: shape(film.imageWidth, film.imageHeight) });
}

function pixel(film) {
  const { rgb, values } = middlePixel(film, film.patch);
  return film.say("one_pixel", { rgb: rgb.join(", "), values: values.map(formatShort).join(", ") });
}
