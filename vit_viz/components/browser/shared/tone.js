// From a weight to a place on a ramp, 0 to 255.

export const DECADES = 3;

/** weight 0 … top → 0 … 255; in steps of "log", top / 1000 and below is 0. */
export function tone(weight, top, steps) {
  if (!(weight > 0) || !(top > 0)) return 0;
  const share = weight / top;
  const place = steps === "log" ? 1 + Math.log10(share) / DECADES : share;
  return place >= 1 ? 255 : place <= 0 ? 0 : Math.round(place * 255);
}

/** value −top … top → 0 … 255, 0 in the middle. */
export function signedTone(value, top) {
  if (!(top > 0)) return 128;
  return Math.round(127.5 + 127.5 * Math.max(-1, Math.min(1, value / top)));
}

/**
 * The weight at which a scale shared by many maps is full: the median of their largest weights, rounded up
 * to 1, 2 or 5 times a power of ten. The very largest would let one sharp head blank out all others.
 */
export function sharedTop(tops) {
  const sorted = Array.from(tops).sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (!(median > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(median));
  const step = [1, 2, 5, 10].find((factor) => median <= factor * power * (1 + 1e-6));
  return Number((step * power).toPrecision(1));
}
