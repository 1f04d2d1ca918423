import { formatPercent, formatShort, minusLog, subscript } from "../shared/numbers.js";
import { chart, columnsOf, line } from "./charts.js";
import { span } from "./easing.js";
import { columns } from "./geometry.js";
import { cornerTokens, fill, text } from "./objects.js";

const DRAWN = new Set(["losscurve", "gradientbars", "objectiveline", "top1line"]);

export const trainingScene = {
  id: "training",
  seconds: 12,
  timing: {
    leaving: [0, 0.07],
    loss: [0.06, 0.14],
    losscurve: "off",
    lossdot: [0.2, 0.26],
    losstext: [0.2, 0.28],
    gradient: [0.08, 0.16],
    gradientbars: "off",
    objective: [0.12, 0.2],
    objectiveline: "off",
    largerline: [0.12, 0.2],
    larger: [0.12, 0.2],
    top1: [0.16, 0.24],
    top1line: "off",
    known: [0.92, 1],
  },
  end: (film, place) => [...cornerTokens(film, place), ...charts(film, place, 1)],
  during: (film, place, t) => charts(film, place, t).filter(({ id }) => DRAWN.has(id)),
};

/** Two by two: this photo's loss and its gradient; the bundled model's own training. */
function charts(film, place, t) {
  const { tall } = place;
  const gap = place.narrow ? 14 : 30;
  const h = (tall.h - gap) / 2;
  const [left, right] = columns({ ...tall, h }, [1, 1], place.narrow ? 18 : 56);
  const below = (box) => ({ ...box, y: box.y + h + gap });
  const two = film.has("grad_norm");
  return [
    ...lossOf(film, place, two ? left : { ...tall, h }, span(t, 0.06, 0.22)),
    ...(two ? gradient(film, place, right, span(t, 0.26, 0.48)) : []),
    ...objective(film, place, below(left), span(t, 0.5, 0.8)),
    ...keptOut(film, place, below(right), span(t, 0.6, 0.9)),
  ];
}

const seen = (share) => ({ upTo: share, alpha: share > 0 ? 1 : 0 });

/** −log p over p from 0 to 1, and where this photo stands on it. */
function lossOf(film, place, box, share) {
  const { label: known, label_prob: prob, loss } = film.meta;
  if (!known) return [text("losstext", box.x, box.y + box.h / 2, film.say("no_loss"), { color: "quiet" })];
  const most = Math.max(4, Math.ceil(loss));
  const ps = Array.from({ length: 80 }, (_, i) => Math.exp((-most * (79 - i)) / 79));
  const short = minusLog(prob, formatShort(loss));
  const said = place.narrow ? short : film.say("loss", { label: known.name, short });
  return chart("loss", box, place, {
    title: film.say("loss_title"),
    ends: { left: "p = 0", right: "1", low: "0", high: String(most) },
    more: (plot) => [
      line("losscurve", plot, ps, ps.map((p) => -Math.log(p)), { x: [0, 1], y: [0, most] }, seen(share)),
      fill("lossdot", {
        x: plot.x + prob * plot.w - 4,
        y: plot.y + (1 - loss / most) * plot.h - 4,
        w: 8,
        h: 8,
      }, "cls"),
      text("losstext", plot.x + plot.w, plot.y + 22, said, {
        align: "right",
        mono: true,
        bold: true,
        size: place.font - 1,
        most: plot.w * 0.9,
      }),
    ],
  });
}

/** ‖∂loss/∂z‖ layer by layer: the bars come from the last layer back to the first. */
function gradient(film, place, box, share) {
  const { values } = film.array("grad_norm");
  const top = values.reduce((a, b) => Math.max(a, b), 0);
  return chart("gradient", box, place, {
    title: film.say(place.narrow ? "gradient_short" : "gradient"),
    ends: { left: "z₀", right: `z${subscript(film.L)}`, low: "0", high: top.toPrecision(2) },
    more: (plot) => [columnsOf(film, "gradientbars", plot, values, 1 - share)],
  });
}

const viewsOf = (film, views) => film.say("views", { views: Math.round(views).toLocaleString("en") });

/** The logged objective of the last training run, as it was. */
function objective(film, place, box, share) {
  const [views, losses] = ["curve_views", "curve_loss"].map((name) => film.array(name)?.values);
  if (!(views?.length > 1)) return [];
  const { run } = film.meta.training;
  const high = Math.max(...losses);
  return chart("objective", box, place, {
    title: film.say("objective", { run }),
    ends: { left: "0", right: viewsOf(film, views.at(-1)), low: "0", high: formatShort(high) },
    more: (plot) => [
      line("objectiveline", plot, views, losses, { x: [0, views.at(-1)], y: [0, high] }, {
        thick: 1.25,
        ...seen(share),
      }),
      ...largerPictures(film, place, plot, views),
    ],
  });
}

/** Where the pictures became larger: a line from top to bottom, with both sizes. */
function largerPictures(film, place, plot, views) {
  const sizes = film.array("curve_sizes").values;
  const at = sizes.findIndex((size) => size !== sizes[0]);
  if (at < 0) return [];
  const x = plot.x + (views[at] / views.at(-1)) * plot.w;
  const words = film.say("larger_pictures", { before: sizes[0], after: sizes[at] });
  return [
    fill("largerline", { x, y: plot.y, w: 1, h: plot.h }, "line"),
    text("larger", x - 5, plot.y + 12, words, { align: "right", color: "quiet", size: place.font - 3, most: x - plot.x }),
  ];
}

/** First answers that were right on kept-out photos, as measured on the way, and the evaluation's figure to trust. */
function keptOut(film, place, box, share) {
  const [views, top1] = ["curve_top1_views", "curve_top1"].map((name) => film.array(name)?.values);
  if (!(views?.length > 1)) return [];
  const { never_seen_top1: unseen, never_seen_photos: photos } = film.meta.training;
  const words = film.say(place.narrow ? "never_seen_short" : "never_seen", {
    top1: formatPercent(unseen ?? 0),
    photos,
  });
  return chart("top1", box, place, {
    title: film.say(place.narrow ? "right_short" : "right"),
    ends: { left: "0", right: viewsOf(film, views.at(-1)), low: "0%", high: "100%" },
    more: (plot) => [
      line("top1line", plot, views, top1, { x: [0, views.at(-1)], y: [0, 1] }, {
        color: "text",
        thick: 1.75,
        ...seen(share),
      }),
      ...(unseen == null ? [] : [text("known", plot.x + plot.w, plot.y + plot.h - 8, words, {
        align: "right",
        size: place.font - 2,
        most: plot.w * 0.94,
      })]),
    ],
  });
}
