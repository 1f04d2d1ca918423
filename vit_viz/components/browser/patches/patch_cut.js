// Cutting a picture into patches: pure arithmetic. Patches, rows and columns count from 0, in reading order.

import { within } from "../shared/within.js";

/** How a picture of height × width pixels falls into patches of [high, wide] pixels; what is left over is not read. */
export function cutInto({ height, width }, [high, wide]) {
  const [rows, cols] = [Math.floor(height / high), Math.floor(width / wide)];
  return { rows, cols, high, wide, count: rows * cols, unread: [height - rows * high, width - cols * wide] };
}

export function placeOf({ cols }, patch) {
  return [Math.floor(patch / cols), patch % cols];
}

/** The patch of `to` that holds the middle of a patch of `from`. */
export function carriedOver(patch, from, to) {
  const [row, col] = placeOf(from, patch);
  const r = within(Math.floor(((row + 0.5) * from.high) / to.high), to.rows);
  return r * to.cols + within(Math.floor(((col + 0.5) * from.wide) / to.wide), to.cols);
}

/** RGB, opaque: RGBA. */
export function withAlpha(rgb) {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let i = 0; i < rgb.length; i += 1) rgba[4 * Math.floor(i / 3) + (i % 3)] = rgb[i];
  return rgba;
}

/** A patch's numbers in the order of the projection's weights: the R plane row by row, then G, then B; RGBA comes in. */
export function patchNumbers({ pixels, width }, cut, patch) {
  const { high, wide } = cut;
  const [row, col] = placeOf(cut, patch);
  const numbers = new Uint8Array(high * wide * 3);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < high; y += 1)
      for (let x = 0; x < wide; x += 1)
        numbers[(channel * high + y) * wide + x] = pixels[((row * high + y) * width + col * wide + x) * 4 + channel];
  return numbers;
}

/** Which channel, row and column of a patch the number at `index` of its flattened row is. */
export function elementAt({ high, wide }, index) {
  const size = high * wide;
  return { channel: Math.floor(index / size), y: Math.floor((index % size) / wide), x: index % wide };
}

/** The patch that an arrow key leads to; null for any other key. */
export function walk(cut, patch, key) {
  const [row, col] = placeOf(cut, patch);
  const moves = {
    ArrowLeft: [row, col - 1],
    ArrowRight: [row, col + 1],
    ArrowUp: [row - 1, col],
    ArrowDown: [row + 1, col],
    Home: [0, 0],
    End: [cut.rows - 1, cut.cols - 1],
  };
  if (!(key in moves)) return null;
  const [r, c] = moves[key];
  return within(r, cut.rows) * cut.cols + within(c, cut.cols);
}

/** What attention costs: tokens, CLS and its like among them, and pairs; for patches, and for single pixels. */
export function attentionCost({ height, width }, cut, numPrefix) {
  const [tokens, pixels] = [cut.count + numPrefix, height * width + numPrefix];
  return { tokens, pairs: tokens ** 2, pixels, pixelPairs: pixels ** 2, times: pixels ** 2 / tokens ** 2 };
}
