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
