const ROUNDING = 1e-9;

/** Round numbers from low to high, in at most `count` steps. */
export function ticksWithin(low, high, count) {
  const step = roundStep((high - low) / count);
  return multiples(step, Math.ceil(low / step - ROUNDING), Math.floor(high / step + ROUNDING));
}

/** From 0 to the first round number that reaches `most`, in at most `count` steps. */
export function ticksUpTo(most, count) {
  const step = roundStep(most / count);
  return multiples(step, 0, Math.ceil(most / step - ROUNDING));
}

/** The first of 1, 2 and 5 times a power of ten that reaches `least`. */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((factor) => least <= factor * power * (1 + ROUNDING));
}

function multiples(step, first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
