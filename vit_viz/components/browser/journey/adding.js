import { mixBox, span } from "./easing.js";
import { columns, rowBox } from "./geometry.js";
import { frame, label, matrix, text } from "./objects.js";

/** The two places of what is added, with room for a sign between. */
export const addends = (place) => columns(place.main, [1, 1], place.narrow ? 34 : 64);

/**
 * Two matrices of one shape become their sum: both go to their places, the right one slides over the left, the sum
 * takes all the room. `left` and `right` are {id, source, from, name, note, color}; `sum` is {id, source}.
 */
export function adding(film, place, t, { left, right, sum }, { meet, slide, grow }) {
  const [first, second] = addends(place);
  const there = span(t, ...meet);
  const over = span(t, ...slide);
  const blend = span(t, slide[0] + 0.6 * (slide[1] - slide[0]), slide[1]);
  const home = mixBox(first, place.main, span(t, ...grow));
  const named = there * (1 - over);
  const leftBox = over > 0 ? home : mixBox(left.from, first, there);
  const rightBox = mixBox(mixBox(right.from, second, there), home, over);
  const lifted = { ...rightBox, y: rightBox.y - 14 * Math.sin(Math.PI * over) };
  const objects = [
    matrix(film, sum.id, left.source, leftBox, { source2: sum.source, mix: blend }),
    matrix(film, right.id, right.source, lifted, { alpha: 1 - blend }),
    { ...label("addleft", first, left.name, { color: left.color, note: left.note }), alpha: named },
    { ...label("addright", second, right.name, { color: right.color, note: right.note }), alpha: named },
    text("plus", (first.x + first.w + second.x) / 2, first.y + first.h / 2 + 8, "+", {
      align: "center",
      size: 26,
      alpha: named,
    }),
  ];
  return [...objects, ...rows(film, [leftBox, lifted], named)];
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
