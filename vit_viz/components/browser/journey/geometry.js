// Where rows, patches and tiles stand inside a box. Boxes are {x, y, w, h} in CSS pixels.

const PREFIX_SHARE = 1 / 36;
const PREFIX_LEAST = 5;
const PREFIX_MOST = 0.14;
const PREFIX_GAP = 3;

/** Start and size of one of a matrix's rows (or columns) along an axis of `length`: few prefix rows are drawn thicker. */
export function band(length, token, { R, N, lead = 1 }) {
  const thick =
    R > 0 ? Math.min(Math.max(PREFIX_LEAST, length * PREFIX_SHARE), (length * PREFIX_MOST) / R) * lead : 0;
  const offset = R > 0 ? R * thick + PREFIX_GAP * lead : 0;
  if (token < R) return { start: token * thick, size: thick };
  const size = (length - offset) / N;
  return { start: offset + (token - R) * size, size };
}

/** Which row a distance along the axis falls in. */
export function bandAt(length, place, sizes) {
  const { R, N } = sizes;
  for (let token = 0; token < R; token += 1) {
    const { start, size } = band(length, token, sizes);
    if (place < start + size) return token;
  }
  const { start, size } = band(length, R, sizes);
  return R + Math.max(0, Math.min(N - 1, Math.floor((place - start) / size)));
}

/** The box of one row of a matrix. */
export function rowBox(box, token, sizes) {
  const { start, size } = band(box.h, token, sizes);
  return { x: box.x, y: box.y + start, w: box.w, h: size };
}

/** The box of one patch; `gap` is a share of its side. */
export function tileBox({ x, y, w, h, rows, cols, gap = 0 }, patch) {
  const [row, col] = [Math.floor(patch / cols), patch % cols];
  const [tw, th] = [w / cols, h / rows];
  return {
    x: x + (col + gap / 2) * tw,
    y: y + (row + gap / 2) * th,
    w: tw * (1 - gap),
    h: th * (1 - gap),
  };
}

/** The largest box of this aspect (width / height) inside another, in its middle (or at its left or top). */
export function fit(aspect, box, align = 0.5) {
  const w = Math.min(box.w, box.h * aspect);
  const h = w / aspect;
  return { x: box.x + (box.w - w) * align, y: box.y + (box.h - h) * align, w, h };
}

/** A box cut into columns by their shares. */
export function columns(box, shares, gap) {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const free = box.w - gap * (shares.length - 1);
  let x = box.x;
  return shares.map((share) => {
    const w = (free * share) / total;
    const column = { x, y: box.y, w, h: box.h };
    x += w + gap;
    return column;
  });
}

/** `count` cells in a box, as many beside each other as make them largest; cells have this aspect. */
export function gridCells(box, count, aspect, gap, foot = 0) {
  let best = null;
  for (let across = 1; across <= count; across += 1) {
    const down = Math.ceil(count / across);
    const w = (box.w - gap * (across - 1)) / across;
    const h = (box.h - gap * (down - 1)) / down - foot;
    const cell = fit(aspect, { x: 0, y: 0, w, h: Math.max(1, h) });
    if (!best || cell.w > best.w) best = { w: cell.w, h: cell.h, across, down };
  }
  const { w, h, across, down } = best;
  const left = box.x + (box.w - across * w - (across - 1) * gap) / 2;
  const top = box.y + (box.h - down * (h + foot) - (down - 1) * gap) / 2;
  return Array.from({ length: count }, (_, i) => ({
    x: left + (i % across) * (w + gap),
    y: top + Math.floor(i / across) * (h + foot + gap),
    w,
    h,
  }));
}

export const middle = ({ x, y, w, h }) => ({ x: x + w / 2, y: y + h / 2 });

export function inside({ x, y, w, h }, px, py) {
  return px >= x && py >= y && px < x + w && py < y + h;
}
