import { mixBox, span } from "./easing.js";
import { rowBox } from "./geometry.js";
import { addends, streamBox } from "./matrix_places.js";
import { frame, label, matrix, shape, text } from "./objects.js";

/**
 * Two matrices of one shape become their sum: both go to their places, the right one slides over the left, the sum
 * takes all the room. Their names go with them. `left` and `right` are {source, from, name, label, color}, `label` the
 * id of a name that already stands there; `sum` is {source, name}.
 */
export function adding(film, place, t, { left, right, sum }, { meet, slide, grow }) {
  const [first, second] = addends(place);
  const [there, over] = [span(t, ...meet), span(t, ...slide)];
  const blend = span(t, slide[0] + 0.6 * (slide[1] - slide[0]), slide[1]);
  const home = mixBox(first, streamBox(place), span(t, ...grow));
  const leftBox = over > 0 ? home : mixBox(left.from, first, there);
  const rightBox = mixBox(mixBox(right.from, second, there), home, over);
  const lifted = { ...rightBox, y: rightBox.y - 14 * Math.sin(Math.PI * over) };
  const note = place.narrow ? "" : shape(film.T, film.D);
  const named = (id, box, { name, color }, alpha) => label(id, box, name, { color, note, alpha });
  const plus = { x: (first.x + first.w + second.x) / 2, y: first.y + first.h / 2 + 8 };
  return [
    matrix(film, "Z", left.source, leftBox, { source2: sum.source, mix: blend }),
    matrix(film, right.id, right.source, lifted, { alpha: 1 - blend }),
    named(left.label ?? "addleft", leftBox, left, (left.label ? 1 : span(t, 0.02, 0.08)) * (1 - span(over, 0.3, 0.6))),
    named(right.label ?? "addright", lifted, right, 1 - span(over, 0.1, 0.4)),
    label("Zlabel", home, sum.name, { note: shape(film.T, film.D), alpha: span(over, 0.6, 0.9) }),
    text("plus", plus.x, plus.y, "+", { align: "center", size: 26, alpha: there * (1 - span(over, 0, 0.4)) }),
    ...rows(film, [leftBox, lifted], 1 - over),
  ];
}

/** The followed row's frames: the left one stays and becomes the sum's. */
const rows = (film, boxes, alpha) =>
  boxes.map((box, i) =>
    frame(`addrow/${i}`, rowBox(box, film.token, film.axis()), "text", {
      width: 1.5,
      grow: 1.5,
      alpha: i ? alpha : 1,
    }),
  );
