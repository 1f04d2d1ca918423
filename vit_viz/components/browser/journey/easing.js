// Shares of time and the places between two places.

export const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

export const lerp = (from, to, share) => from + (to - from) * share;

/** How far t is on its way from a to b, 0 … 1, at an even pace. */
export const steady = (t, a, b) => clamp((t - a) / (b - a));

/** The same, starting and stopping gently. */
export function span(t, a, b) {
  const share = steady(t, a, b);
  return share * share * (3 - 2 * share);
}

/** Up from a to b, down from c to d. */
export const swell = (t, a, b, c, d) => span(t, a, b) * (1 - span(t, c, d));

export function mixBox(from, to, share) {
  return {
    x: lerp(from.x, to.x, share),
    y: lerp(from.y, to.y, share),
    w: lerp(from.w, to.w, share),
    h: lerp(from.h, to.h, share),
  };
}
