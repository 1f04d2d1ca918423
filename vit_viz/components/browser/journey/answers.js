// The five most probable classes: what each is multiplied with, its logit, its probability.

import { formatPercent, formatShort } from "../shared/numbers.js";
import { fill, label, shape, strip, text } from "./objects.js";
import { bias } from "./stream.js";

/** Columns of the list, from the left: name, weights, logit, bar. */
function listPlaces(film, { main, narrow }) {
  const top = main.y + 30;
  const each = Math.min(narrow ? 40 : 52, (main.h - 34) / 5);
  // under each other on a phone: name, logit and probability on one line, and the bar below it
  if (narrow) {
    const bar = { x: main.x, w: main.w };
    return { top, each, name: main.x, logit: main.x + main.w - 56, value: main.x + main.w, bar };
  }
  const weights = { x: main.x + main.w * 0.27 + 14, w: film.has("top_weight") ? main.w * 0.2 : 0 };
  const logit = weights.x + weights.w + 62;
  const bar = { x: logit + 16, w: main.x + main.w - logit - 140 };
  return { top, each, name: main.x + main.w * 0.27, weights, logit, bar };
}

/** `grown` is how long the bars are by now. */
export function answers(film, place, grown) {
  const [name, matrices, told] = film.meta.read_rows > 1
    ? ["two_heads", "W, W′", "two_heads_columns"]
    : ["head_name", "W", "head_columns"];
  const head = label("headname", { x: place.main.x, y: place.main.y + 8 }, film.say(name, { b: bias(film, "head") }), {
    note: place.narrow ? "" : `${matrices} ${shape(film.D, film.C)}`,
    dy: 0,
  });
  const columns = text("headcolumns", place.main.x, place.main.y + 27, film.say(told), {
    color: "quiet",
    size: place.font - 2.5,
  });
  const list = listPlaces(film, place);
  return [head, ...(place.narrow ? [] : [columns]), ...film.meta.top5.flatMap((answer, i) => oneAnswer(film, place, list, answer, i, grown))];
}

function oneAnswer(film, { main, narrow, font }, list, { label: name, prob, logit, index }, i, grown) {
  const middle = list.top + list.each * (i + 0.5);
  const isTrue = film.meta.label?.index === index;
  const { bar, weights } = list;
  const line = narrow ? middle - 1 : middle + 5;
  const box = { x: bar.x, y: narrow ? middle + 4 : middle - 6, w: bar.w * prob * grown, h: narrow ? 5 : 12 };
  const value = narrow
    ? { x: list.value, y: line, align: "right" }
    : { x: bar.x + bar.w * prob + 10, y: line, align: "left", note: isTrue ? film.say("true_class") : "" };
  const nameStyle = narrow ? { most: main.w - 116 } : { align: "right", most: main.w * 0.27 - 4 };
  return [
    text(`barname/${i}`, list.name, line, name, { ...nameStyle, bold: isTrue, role: "class" }),
    ...(weights?.w ? [strip(`weights/${i}`, "top_weight", i, {
      x: weights.x,
      y: middle - 7,
      w: weights.w,
      h: 14,
    })] : []),
    text(`logit/${i}`, list.logit, line, formatShort(logit), {
      align: "right",
      mono: true,
      color: "quiet",
      size: font - 1.5,
    }),
    fill(`bar/${i}`, box, "cls", { prob }),
    text(`barvalue/${i}`, value.x, value.y, formatPercent(prob), {
      ...value,
      mono: true,
      size: font - 1,
      role: "prob",
    }),
  ];
}
