// Rows that follow each other to their places.

import { span, steady } from "./easing.js";

/** How many of `count` have landed at time t, and who is in the air: [{n, share of the way}]. */
export function flock(count, t, { first, last, flight }) {
  const start = (n) => first + ((last - first) * n) / count;
  const landed = Math.floor(steady(t, first + flight, last + flight) * count);
  const flying = [];
  for (let n = landed; n < count && start(n) < t; n += 1)
    flying.push({ n, share: span(t, start(n), start(n) + flight) });
  return { landed, flying };
}
