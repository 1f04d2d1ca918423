import { swell } from "./easing.js";
import { fit, gridCells } from "./geometry.js";
import { frame, image, text } from "./objects.js";

const FOOT = 24;

/** The picture before the story begins: a few pictures with their labels. */
export function opening(film, place) {
  const { batch, picked } = film.meta;
  const cells = gridCells(place.room, batch.length, 1, place.narrow ? 10 : 20, FOOT);
  return batch.flatMap((entry, i) =>
    i === picked
      ? [image("whole", "photo", cells[i], square(film)), name(film, "label", entry, cells[i], 18)]
      : [image(`thumb/${i}`, `thumb/${i}`, cells[i]), name(film, `name/${i}`, entry, cells[i], 18)],
  );
}

/** Under a picture: its label, or a dash where this model knows no class for it. */
function name(film, id, { label }, { x, y, w, h }, dy) {
  const words = (typeof label === "string" ? label : label?.name) ?? film.say("unlabelled");
  return text(id, x + w / 2, y + h + dy, words, { align: "center", color: "quiet", most: w + 8 });
}

/** The middle square of the photo, as shares of its sides. */
function square(film) {
  const [w, h] = film.meta.crop.photo;
  const [sw, sh] = [Math.min(1, h / w), Math.min(1, w / h)];
  return { sx: (1 - sw) / 2, sy: (1 - sh) / 2, sw, sh };
}

export function wholeBox(film, place) {
  const [w, h] = film.meta.crop.photo;
  return fit(w / h, place.room);
}

export const batchScene = {
  id: "batch",
  seconds: 5,
  timing: { thumb: [0.3, 0.55], name: [0.25, 0.45], whole: [0.4, 0.95], label: [0.4, 0.95] },
  end(film, place) {
    const box = wholeBox(film, place);
    const entry = film.meta.batch[film.meta.picked];
    return [
      image("whole", "photo", box, { sx: 0, sy: 0, sw: 1, sh: 1 }),
      name(film, "label", entry, box, 22),
    ];
  },
  during(film, place, t) {
    const cell = opening(film, place).find(({ id }) => id === "whole");
    return [frame("chosen", cell, "text", { width: 2, grow: 4, alpha: swell(t, 0.04, 0.14, 0.34, 0.44) })];
  },
};
