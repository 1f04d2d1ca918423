// One query and its keys: which key is met when, and the arithmetic of that one score.

import { formatShort, subscript } from "../shared/numbers.js";
import { mixBox, span, steady } from "./easing.js";
import { rowBox } from "./geometry.js";
import { bars, frame, label, strip, text } from "./objects.js";
import { formatFine, scoresOf, spanOf, strongestOf, termsOf } from "./numbers_of.js";

// three keys slowly, then all
const STOPS = [0.16, 0.46];
const PASS = [0.48, 0.7];
const AWAY = [0.71, 0.76];
const SHOWN = 3;
const WIDE = 900; // a stage of fewer pixels has room for one term

/** Three keys to stop at: the token's own, the one with the largest score, the one with the smallest. */
function stopsOf(film) {
  const scores = scoresOf(film, film.token);
  return [film.token, strongestOf(scores), strongestOf(scores.map((score) => -score))];
}

/** {key, before, share}: the key that is met at t, and how far the way from the one before it is. */
function meeting(film, t) {
  const stops = stopsOf(film);
  if (t < PASS[0]) {
    const passed = steady(t, ...STOPS) * stops.length;
    const i = Math.min(stops.length - 1, Math.floor(passed));
    return {
      key: stops[i],
      before: stops[Math.max(0, i - 1)],
      share: span(passed - i, 0, 0.25),
      seen: stops.slice(0, i + 1),
    };
  }
  const key = Math.min(film.T - 1, Math.floor(steady(t, ...PASS) * film.T));
  return { key, before: key, share: 1, seen: stops };
}

/** The three lines on the bench: q, the key, and their product number by number. */
export function benchLines({ bench }, { x, w }) {
  const step = bench.h / 3;
  return [0, 1, 2].map((i) => ({ x, y: bench.y + i * step, w, h: Math.min(18, step - 6) }));
}

/** Cursor on the keys, arithmetic on the bench, bars beside the keys. */
export function meetings(film, place, t, keys, beside) {
  const { key, before, share, seen } = meeting(film, t);
  const scores = scoresOf(film, film.token);
  const alpha = span(t, STOPS[0] - 0.03, STOPS[0]) * (1 - span(t, ...AWAY));
  const at = mixBox(...[before, key].map((token) => rowBox(keys, token, film.axis())), share);
  const lines = benchLines(place, keys);
  const name = (i, said, color) => side(`linename/${i}`, lines[i], said, { align: "right", color, alpha }, -6);
  const shown = {
    ...spanOf(scores),
    alpha: alpha * span(t, STOPS[0] - 0.02, STOPS[0]),
    ...beside,
  };
  return [
    bars(film, "stopbars", beside, scores.map((score, token) => (seen.includes(token) ? score : 0)), shown),
    bars(film, "bars", beside, scores, { ...shown, upTo: steady(t, ...PASS) }),
    label("barsname", beside, film.say("scores"), { color: "attention", alpha }),
    frame("cursor", at, "key", { width: 1.5, grow: 1.5, alpha }),
    strip("key", "k", key, mixBox(at, lines[1], share), { alpha }),
    strip("terms", `terms/${film.token}`, key, lines[2], { alpha: alpha * span(share, 0.6, 1) }),
    name(0, "q", "query"),
    name(1, `k${subscript(key)}`, "key"),
    name(2, "q ⊙ k", "attention"),
    ...words(film, place, key, beside.x, lines, alpha),
  ];
}

const side = (id, { x, y, h }, said, more, dx = 0) => text(id, x + dx, y + h / 2 + 5, said, more);

/** "0.31 + (−0.22) + … = 8.12" and "q·k / √K = 1.44", beside the lines. */
function words(film, { width, font }, key, x, lines, alpha) {
  const terms = termsOf(film, film.token).subarray(key * film.K, (key + 1) * film.K);
  const sum = terms.reduce((a, b) => a + b, 0);
  const written = (term) => (term < 0 ? `(${formatShort(term)})` : formatShort(term));
  const first = [...terms.subarray(0, width < WIDE ? 1 : SHOWN)].map(written);
  const score = scoresOf(film, film.token)[key];
  const said = film.say("score", { query: "q", key: `k${subscript(key)}`, K: film.K, score: formatFine(score) });
  const quiet = { color: "quiet", size: font - 1.5, alpha };
  return [
    side("scoreof", { ...lines[0], x }, film.say("with_key", { token: film.label(key) }), quiet),
    side("scoreterms", { ...lines[1], x }, `${first.join(" + ")} + … = ${formatFine(sum)}`, {
      ...quiet,
      mono: true,
    }),
    side("score", { ...lines[2], x }, said, { mono: true, bold: true, alpha, role: "score", value: score, key }),
  ];
}
