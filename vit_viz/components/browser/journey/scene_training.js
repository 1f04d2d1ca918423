import { formatPercent, formatShort } from "../shared/numbers.js";
import { span } from "./easing.js";
import { columns } from "./geometry.js";
import { cornerTokens, label, text } from "./objects.js";
import { subscript } from "./stream.js";

export const trainingScene = {
  id: "training",
  seconds: 10,
  timing: {
    features: [0, 0.12],
    featureslabel: [0, 0.1],
    bar: [0.02, 0.16],
    barname: [0.02, 0.14],
    barvalue: [0.02, 0.14],
    logit: [0, 0.1],
    headname: [0, 0.1],
    nohead: [0, 0.1],
    loss: "off",
    losscurve: "off",
    lossdot: [0.3, 0.36],
    losstext: [0.32, 0.4],
    gradient: "off",
    gradientlabel: [0.4, 0.48],
    gradientfirst: [0.4, 0.5],
    gradientlast: [0.4, 0.5],
    curve: "off",
    rightcurve: "off",
    curvelabel: [0.14, 0.24],
    curvestart: [0.14, 0.24],
    curveend: [0.92, 1],
    top1: [0.92, 1],
    axis: [0.1, 0.2],
    axis2: [0.14, 0.24],
  },
  end: (film, place) => [
    ...cornerTokens(film, place),
    ...lossOf(film, place, 1),
    ...gradient(film, place, 1),
    ...curve(film, place, 1),
  ],
  during(film, place, t) {
    const moving = new Set(["losscurve", "gradient", "curve", "rightcurve"]);
    return [
      ...lossOf(film, place, span(t, 0.14, 0.32)),
      ...gradient(film, place, span(t, 0.44, 0.66)),
      ...curve(film, place, span(t, film.has("grad_norm") ? 0.66 : 0.2, 0.94)),
    ].filter(({ id }) => moving.has(id));
  },
};

/** −log p over p from 0 to 1, and where this photo stands on it. */
function lossOf(film, place, upTo) {
  const { label: known, label_prob: prob, loss } = film.meta;
  const { bench, narrow } = place;
  if (!known)
    return [text("losstext", bench.x, bench.y + bench.h / 2, film.say("no_loss"), { color: "quiet" })];
  const box = { x: bench.x, y: bench.y, w: Math.min(bench.w * 0.4, 240), h: bench.h - 4 };
  const most = Math.max(4, loss * 1.1);
  const points = Array.from({ length: 80 }, (_, i) => Math.exp((-most * i) / 79))
    .map((p) => [p, -Math.log(p) / most])
    .reverse();
  const dot = { x: box.x + prob * box.w, y: box.y + (1 - loss / most) * box.h };
  const x = box.x + box.w + (narrow ? 12 : 28);
  const lines = narrow
    ? [film.say("loss_short"), `= ${formatShort(loss)}`]
    : [film.say("loss", { prob: prob.toFixed(4), loss: formatShort(loss) })];
  return [
    { id: "axis", kind: "fill", color: "line", alpha: 1, x: box.x, y: box.y + box.h, w: box.w, h: 1 },
    {
      id: "losscurve",
      kind: "curve",
      points: points.toReversed(),
      color: "quiet",
      upTo,
      alpha: upTo > 0 ? 1 : 0,
      ...box,
    },
    { id: "lossdot", kind: "fill", color: "cls", alpha: 1, x: dot.x - 4, y: dot.y - 4, w: 8, h: 8 },
    ...lines.map((words, i) =>
      text(i ? "losstext2" : "losstext", x, bench.y + bench.h / 2 - 4 + 18 * i, words, {
        mono: true,
        bold: true,
      }),
    ),
    text("lossname", x, bench.y + bench.h / 2 + (narrow ? 34 : 18), `p(${known.name})`, {
      color: "quiet",
      size: place.font - 1,
    }),
  ];
}

const charts = (film, place) =>
  film.has("grad_norm") ? columns(place.main, [1, 1], place.narrow ? 24 : 56) : [null, place.main];

const chart = (box) => ({ ...box, y: box.y + 8, h: box.h - 30 });

/** ‖∂loss/∂z‖ per layer: it grows from the last layer back to the first. */
function gradient(film, place, share) {
  const [column] = charts(film, place);
  if (!column) return [];
  const { values } = film.array("grad_norm");
  const box = chart(column);
  const top = values.reduce((a, b) => Math.max(a, b), 0);
  const foot = box.y + box.h + 16;
  const small = { color: "quiet", size: place.font - 2, mono: true };
  return [
    {
      ...label("gradientlabel", column, film.say(place.narrow ? "gradient_short" : "gradient")),
      y: column.y - 4,
    },
    {
      id: "gradient",
      kind: "bars",
      axis: "columns",
      values,
      top,
      R: 0,
      N: values.length,
      lead: 0,
      upTo: 1,
      from: 1 - share,
      color: "quiet",
      alpha: share > 0 ? 1 : 0,
      ...box,
    },
    text("gradientfirst", box.x, foot, "z₀", small),
    text("gradientlast", box.x + box.w, foot, film.say("last_stream", { L: subscript(film.L) }), {
      ...small,
      align: "right",
    }),
  ];
}

/** The log of the bundled model's training: loss by photos seen, and top-1 on photos it never saw. */
function curve(film, place, upTo) {
  if (!film.has("curve_loss")) return [];
  const column = charts(film, place)[1];
  const box = chart(column);
  const views = film.array("curve_views").values;
  const losses = film.array("curve_loss").values;
  const top = losses.reduce((a, b) => Math.max(a, b), 0);
  const last = views.at(-1);
  const points = Array.from(losses, (loss, i) => [views[i] / last, loss / top]);
  const right = film.array("curve_top1").values;
  const rightViews = film.array("curve_top1_views").values;
  const known = Array.from(right, (share, i) => [rightViews[i] / last, share]);
  const small = { color: "quiet", size: place.font - 2, mono: true };
  return [
    { ...label("curvelabel", column, film.say(place.narrow ? "curve_short" : "curve")), y: column.y - 4 },
    {
      id: "curve",
      kind: "curve",
      points,
      color: "quiet",
      thick: 1.25,
      upTo,
      alpha: upTo > 0 ? 1 : 0,
      ...box,
    },
    {
      id: "rightcurve",
      kind: "curve",
      points: known,
      color: "text",
      thick: 1.75,
      upTo,
      alpha: upTo > 0 ? 1 : 0,
      ...box,
    },
    { id: "axis2", kind: "fill", color: "line", alpha: 1, x: box.x, y: box.y + box.h, w: box.w, h: 1 },
    text("curvestart", box.x, box.y + box.h + 16, "0", small),
    text(
      "curveend",
      box.x + box.w,
      box.y + box.h + 16,
      film.say("views", { views: Math.round(last).toLocaleString("en") }),
      { ...small, align: "right" },
    ),
    text(
      "top1",
      box.x + box.w,
      box.y + box.h - 12,
      film.say(place.narrow ? "top1_short" : "top1", { top1: formatPercent(right.at(-1)) }),
      { align: "right", size: place.font - 1.5, most: box.w },
    ),
  ];
}
