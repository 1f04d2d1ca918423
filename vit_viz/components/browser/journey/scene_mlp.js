import { activationCurve } from "./activation.js";
import { adding } from "./adding.js";
import { mixBox, span, steady, swell } from "./easing.js";
import { columns } from "./geometry.js";
import { addends, streamBox } from "./matrix_places.js";
import { label, matrix, rowFrame, shape } from "./objects.js";
import { after, between, bias, mlpTerm, normed, restingStream } from "./stream.js";

const LAST = 0.78;
const AWAY = [0, 0.05, 0.95, 1];

export const mlpScene = {
  id: "mlp",
  seconds: 14,
  timing: { Z: "off", Zlabel: "off", prefixname: AWAY, row: "off", link: AWAY, key: AWAY },
  end: (film, place) => restingStream(film, place, "resid_after", after(film)),
  during(film, place, t) {
    return t < LAST ? widening(film, place, t) : summing(film, place, (t - LAST) / (1 - LAST));
  },
};

/** What stands in the middle: from when to when it turns into the next, and its name until then. */
function stages(film, { narrow }) {
  const { T, D, mlp, meta } = film;
  const norm = normed(film, between(film));
  const [b1, b2] = ["b₁", "b₂"].map((name) => bias(film, "mlp", name));
  return [
    { from: 0, until: 0.14, source: "resid_mid", name: between(film), note: shape(T, D) },
    { from: 0.14, until: 0.3, source: "mlp_normed", name: norm, note: shape(T, D) },
    { from: 0.3, until: 0.42, source: "mlp_normed", name: `× W₁${b1}`, note: `W₁ : ${shape(D, mlp)}` },
    { from: 0.42, until: 0.5, source: "hidden_pre", name: `${norm} W₁${b1}`, note: shape(T, mlp) },
    { from: 0.5, until: 0.64, source: "hidden", name: `${meta.act}(${norm} W₁${b1})`, note: shape(T, mlp) },
    { from: 0.64, until: 0.74, source: "hidden", name: `× W₂${b2}`, note: `W₂ : ${shape(mlp, D)}` },
    { from: 0.74, until: 1.1, source: "mlp_out", name: mlpTerm(film), note: narrow ? "" : shape(T, D) },
  ];
}

/** Normalised, wider, bent, and as narrow as before: widths on stage keep the proportion. */
function widening(film, place, t) {
  const box = where(film, place, t);
  const all = stages(film, place);
  const i = all.findLastIndex(({ from }) => t >= from);
  const [now, next] = [all[i], all[i + 1] ?? all[i]];
  const mix = span(t, now.until - 0.08, now.until);
  const parked = mixBox(streamBox(place), place.parked, span(t, 0.02, 0.16));
  const names = all.map(({ from, until, name, note }, n) =>
    label(`stage/${n}`, box, name, {
      note,
      alpha: (n === 0 ? 1 : span(t, from, from + 0.014)) * (1 - span(t, until - 0.014, until)),
    }),
  );
  return [
    matrix(film, "Z", now.source, box, { source2: next.source, mix }),
    matrix(film, "parked", "resid_mid", parked, { alpha: span(t, 0, 0.03) }),
    label("parkedname", parked, between(film), {
      note: film.say("waits"),
      size: place.font - 1.5,
      alpha: span(t, 0.16, 0.2),
    }),
    ...names.map((one, n) => (n === 0 ? { ...one, id: "Zlabel" } : one)),
    ...activationCurve(film, place, steady(t, 0.45, 0.58), swell(t, 0.42, 0.47, 0.64, 0.68)),
    rowFrame(film, "row", box, film.token),
  ];
}

/** The matrix: narrower as long as it has D columns, all the room once it has more. */
function where(film, place, t) {
  const { main } = place;
  const share = columns(main, [1, Math.max(1.4, Math.min(3.2, film.mlp / film.D - 0.8))], 0)[0];
  const small = { ...share, x: main.x + (main.w - share.w) / 2 };
  if (t < 0.34) return mixBox(streamBox(place), small, span(t, 0.1, 0.24));
  return mixBox(mixBox(small, main, span(t, 0.34, 0.44)), addends(place)[1], span(t, 0.66, 0.76));
}

function summing(film, place, s) {
  return adding(
    film,
    place,
    s,
    {
      left: { source: "resid_mid", from: place.parked, name: between(film), label: "parkedname" },
      right: { id: "mlpout", source: "mlp_out", from: addends(place)[1], name: mlpTerm(film), label: "mlpname" },
      sum: { source: "resid_after", name: after(film) },
    },
    { meet: [0, 0.3], slide: [0.42, 0.66], grow: [0.68, 0.96] },
  );
}
