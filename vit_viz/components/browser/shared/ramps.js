// Colour ramps as tables of 256 pixels. Ends are those of the design: attention runs from the page's
// background to deep purple in the light theme and to bright purple in the dark one; signed numbers
// from blue over the background to vermilion; numbers of a concept from grey over the background to its own colour.

const ATTENTION = [204, 121, 167];
const DEEP_PURPLE = [92, 16, 72];
const BRIGHT_PURPLE = [255, 196, 232];
const QUERY_BLUE = [0, 114, 178];
const KEY_VERMILION = [213, 94, 0];
const VALUE_GREEN = [0, 158, 115];
const CLS_ORANGE = [230, 159, 0];
const MID = 0.5;
const VEIL = 0.86;
const HEAT_VEIL = 0.46;
const HEAT_FULL = 0.78;
// a map's ground is a shade off the page, so that an empty map is still seen to be one
const GROUND = 0.08;
const GREY = [128, 128, 128];
// numbers below zero, where those above it have the colour of a concept
const BELOW = { light: [90, 90, 94], dark: [150, 150, 154] };
const INK = [29, 31, 36];
const CHALK = [236, 235, 230];

/** "rgb(1, 2, 3)" or "#010203" → [1, 2, 3]. */
export function parseColor(text) {
  const hex = /^#([0-9a-f]{6})$/i.exec(text.trim());
  if (hex) return [0, 2, 4].map((i) => parseInt(hex[1].slice(i, i + 2), 16));
  const numbers = text.match(/[\d.]+/g);
  if (!numbers || numbers.length < 3)
    throw new Error(`${JSON.stringify(text)} is not a colour like rgb(1, 2, 3).`);
  return numbers.slice(0, 3).map(Number);
}

/** Relative luminance, 0 to 1 (WCAG). */
export function luminance(color) {
  const [r, g, b] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export const isDark = (background) => luminance(background) < 0.18;

function mix(from, to, share) {
  return from.map((value, i) => value + (to[i] - value) * share);
}

// one little-endian word per pixel, as ImageData lays them out
function pixel([r, g, b], alpha = 1) {
  return (
    ((Math.round(alpha * 255) << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0
  );
}

function table(colorOf) {
  return Uint32Array.from({ length: 256 }, (_, tone) => colorOf(tone / 255));
}

function attentionColor(background, ground, tone) {
  const end = isDark(background) ? BRIGHT_PURPLE : DEEP_PURPLE;
  return tone < MID ? mix(ground, ATTENTION, tone / MID) : mix(ATTENTION, end, (tone - MID) / (1 - MID));
}

/** All tables for one theme, by the page's background [r, g, b]. */
export function ramps(background) {
  const ground = mix(background, GREY, GROUND);
  const attention = (tone) => attentionColor(background, ground, tone);
  const below = isDark(background) ? BELOW.dark : BELOW.light;
  const around = (low, high) => table((tone) => pixel(mix(ground, tone < 0.5 ? low : high, Math.abs(tone * 2 - 1))));
  return {
    background: pixel(background),
    orange: pixel(CLS_ORANGE),
    unknown: pixel(mix(background, GREY, 2 * GROUND)),
    attention: table((tone) => pixel(attention(tone))),
    grey: table((tone) => pixel(mix(ground, isDark(background) ? CHALK : INK, tone))),
    // over the photo: even a weight of nothing keeps a thin veil, so that dark photos do not read as weight
    heat: table((tone) => pixel(attention(tone), HEAT_VEIL + (HEAT_FULL - HEAT_VEIL) * tone)),
    reveal: table((tone) => pixel(background, VEIL * (1 - tone))),
    signed: around(QUERY_BLUE, KEY_VERMILION),
    query: around(below, QUERY_BLUE),
    key: around(below, KEY_VERMILION),
    value: around(below, VALUE_GREEN),
    product: around(below, ATTENTION), // of q and k, and scores: what attention is made of
  };
}

/** Multiplies a photo with a map: black, the less a patch counts the denser; the same in both themes. */
export const MULTIPLY = table((tone) => pixel([0, 0, 0], 1 - tone));

/** A table's word → "rgb(r g b)". */
export function cssColor(word) {
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}
