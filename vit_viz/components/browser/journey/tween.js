// From one resting picture to the next: what is in both moves, what is in one only fades.

import { lerp, span } from "./easing.js";

const MOVING = [
  "x",
  "y",
  "w",
  "h",
  "x2",
  "y2",
  "alpha",
  "lead",
  "gap",
  "grid",
  "dim",
  "heat",
  "size",
  "sx",
  "sy",
  "sw",
  "sh",
  "upTo",
];
const LEAVE = [0, 0.18];
const MOVE = [0, 0.3];
const ARRIVE = [0.75, 1];

/**
 * `timing` is {id, or the part of it before "/": [from, to] | [from, to, from, to] | "off"}. Four numbers: what stays
 * leaves in the first span and comes back in the second, and what is in one picture only takes its half; "off" leaves the object to the scene's own hands. What is
 * not named takes `leaving`, `moving` or `arriving`.
 */
export function tween(before, after, t, timing) {
  if (t <= 0) return before;
  if (t >= 1) return after;
  const later = new Map(after.map((object) => [object.id, object]));
  const earlier = new Map(before.map((object) => [object.id, object]));
  const leaving = before
    .filter(({ id }) => !later.has(id))
    .map((object) => faded(object, share(object.id, timing.leaving ?? LEAVE), (gone) => 1 - gone));
  const others = after.flatMap((object) => {
    const from = earlier.get(object.id);
    if (!from) return faded(object, share(object.id, timing.arriving ?? ARRIVE, -2), (come) => come);
    const when = timeOf(object.id);
    if (when?.length === 4)
      return [
        faded(from, span(t, when[0], when[1]), (gone) => 1 - gone),
        faded(object, span(t, when[2], when[3]), (come) => come),
      ];
    return moved(from, object, share(object.id, timing.moving ?? MOVE));
  });
  return [...leaving.flat(), ...others].filter(({ alpha }) => alpha > 0);

  function timeOf(id) {
    return timing[id] ?? timing[id.split("/")[0]];
  }

  function share(id, usual, first = 0) {
    const when = timeOf(id) ?? usual;
    return when === "off" ? null : span(t, ...when.slice(first).slice(0, 2));
  }
}

function faded(object, share, alphaOf) {
  return share === null ? [] : { ...object, alpha: object.alpha * alphaOf(share) };
}

function moved(from, to, share) {
  if (share === null) return [];
  if (share === 0) return [from];
  if (share === 1) return [to];
  const now = { ...to };
  for (const name of MOVING) {
    if (name in to) now[name] = lerp(from[name] ?? to[name], to[name], share);
  }
  if (from.text !== to.text || from.note !== to.note) {
    // one after the other: two names over each other cannot be read
    return [
      { ...now, text: from.text, note: from.note, color: from.color, alpha: from.alpha * (1 - span(share, 0, 0.5)) },
      { ...now, alpha: to.alpha * span(share, 0.5, 1) },
    ];
  }
  if (from.source !== to.source) Object.assign(now, { source: from.source, source2: to.source, mix: share });
  return [now];
}
