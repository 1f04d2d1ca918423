// Draws a list of objects on a canvas. It knows kinds of objects, not scenes.

import { cssColor } from "../shared/ramps.js";
import { tone } from "../shared/tone.js";
import { band, tileBox } from "./geometry.js";
import { clamp, lerp } from "./easing.js";

const SMALLEST_TEXT = 9;
const EDGE = 3;
const RIM = 4;
// a veil over a tile whose edges fall between pixels must reach a little beyond them
const SEAM = 0.6;
const PHOTOS = new Set(["photo", "image", "normalised"]);

/** pen: {context, film, theme, bitmaps, width, height, font} */
export function paint(pen, objects) {
  const { context, theme, width, height } = pen;
  context.globalAlpha = 1;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  for (const object of objects) {
    if (!(object.alpha > 0)) continue;
    context.globalAlpha = object.alpha;
    KINDS[object.kind](pen, object);
  }
  context.globalAlpha = 1;
}

const colorOf = ({ theme }, name) => theme.colors[name] ?? name;

/** A bitmap, or part of it; crossfading to a second one where the object is between two. */
function drawSource(pen, object, part, box) {
  drawBitmap(pen, object.source, part, box);
  if (!object.source2) return;
  const { context } = pen;
  const before = context.globalAlpha;
  context.globalAlpha = before * object.mix;
  drawBitmap(pen, object.source2, part, box);
  context.globalAlpha = before;
}

function drawBitmap({ context, bitmaps, film, theme }, name, part, { x, y, w, h }) {
  const bitmap = bitmaps.get(name, film, theme);
  if (!bitmap) {
    context.fillStyle = theme.colors.wash;
    context.fillRect(x, y, w, h);
    return;
  }
  const [sx, sy, sw, sh] = part(bitmap.width, bitmap.height);
  if (sw <= 0 || sh <= 0 || w <= 0 || h <= 0) return;
  const [across, down] = [w / sw, h / sh];
  const isPhoto = PHOTOS.has(name) || name.startsWith("thumb");
  context.imageSmoothingEnabled = isPhoto || Math.min(across, down) < 0.8;
  context.imageSmoothingQuality = "medium";
  context.drawImage(bitmap, sx, sy, sw, sh, x, y, w, h);
}

const whole = (width, height) => [0, 0, width, height];

function drawImageObject(pen, object) {
  const { sx = 0, sy = 0, sw = 1, sh = 1 } = object;
  drawSource(pen, object, (width, height) => [sx * width, sy * height, sw * width, sh * height], object);
}

function drawTiles(pen, object) {
  const { context, theme } = pen;
  const { rows, cols, gap, dim, heat, weights } = object;
  if (gap < 0.004 && !heat) drawSource(pen, object, whole, object);
  else {
    for (let patch = 0; patch < rows * cols; patch += 1) {
      const [row, col] = [Math.floor(patch / cols), patch % cols];
      const part = (width, height) => [
        (col * width) / cols,
        (row * height) / rows,
        width / cols,
        height / rows,
      ];
      drawSource(pen, object, part, tileBox(object, patch));
    }
  }
  if (heat > 0 && weights) drawHeat(pen, object);
  if (dim > 0) {
    const before = context.globalAlpha;
    context.globalAlpha = before * dim;
    context.fillStyle = theme.background;
    context.fillRect(object.x - 1, object.y - 1, object.w + 2, object.h + 2);
    context.globalAlpha = before;
  }
  if (object.grid > 0) drawGrid(pen, object);
}

/** Weights over the photo; `full`, where the colour is full, is the largest of all tokens' unless the scene says. */
function drawHeat(pen, object) {
  const { context, theme } = pen;
  const { rows, cols, weights, first, heat } = object;
  const before = context.globalAlpha;
  const full = object.full ?? highest(weights.map((_, token) => weightOf(object, token)));
  for (let patch = 0; patch < rows * cols; patch += 1) {
    const { x, y, w, h } = tileBox(object, patch);
    const weight = clamp(weightOf(object, first + patch) / full);
    context.globalAlpha = before * heat * 0.74 * (1 - weight);
    context.fillStyle = theme.background;
    context.fillRect(x - SEAM, y - SEAM, w + 2 * SEAM, h + 2 * SEAM);
    context.globalAlpha = before * heat * 0.5 * weight;
    context.fillStyle = theme.marks.attention;
    context.fillRect(x, y, w, h);
  }
  context.globalAlpha = before;
}

const weightOf = ({ weights, weights2, share = 0 }, token) =>
  weights2 ? lerp(weights[token], weights2[token], share) : weights[token];

const highest = (values) => values.reduce((a, b) => Math.max(a, b), 0);

/** Grid lines that draw themselves: rows from the left, columns from the top. */
function drawGrid(pen, { x, y, w, h, rows, cols, grid }) {
  const { context, theme } = pen;
  context.strokeStyle = theme.background;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let row = 1; row < rows; row += 1) {
    const share = clamp(grid * 2 - (row / rows) * 0.8);
    context.moveTo(x, y + (row * h) / rows);
    context.lineTo(x + w * share, y + (row * h) / rows);
  }
  for (let col = 1; col < cols; col += 1) {
    const share = clamp(grid * 2 - 0.2 - (col / cols) * 0.8);
    context.moveTo(x + (col * w) / cols, y);
    context.lineTo(x + (col * w) / cols, y + h * share);
  }
  context.stroke();
}

function drawMatrix(pen, object) {
  const { context } = pen;
  const { x, y, w, h, R, N, upTo, axes, only, first = 0, last = 1 } = object;
  const clipped = upTo < 1 || only !== undefined;
  if (clipped) {
    const shown = only === undefined ? { start: 0, size: h * upTo } : band(h, only, object);
    context.save();
    context.beginPath();
    context.rect(x, y + shown.start, w, shown.size);
    context.clip();
  }
  const rowParts = parts(h, object);
  const colParts = axes === "both" ? parts(w, object) : [{ from: 0, count: 1, start: 0, size: w }];
  for (const row of rowParts) {
    for (const col of colParts) {
      const part = (width, height) => {
        // tokens before their prefix rows arrived: a bitmap of patches only has N rows
        const lacking = height < R + N ? R : 0;
        const across = axes === "both" ? [col.from, col.count] : [first * width, (last - first) * width];
        return [across[0], Math.max(0, row.from - lacking), across[1], row.count];
      };
      drawSource(pen, object, part, { x: x + col.start, y: y + row.start, w: col.size, h: row.size });
    }
  }
  if (clipped) context.restore();
}

/** A matrix's rows in two parts: prefix tokens and patches. */
function parts(length, { R, N, lead, bare }) {
  const axis = { R, N, lead };
  const patches = band(length, R, axis);
  const list = [{ from: R, count: N, start: patches.start, size: length - patches.start }];
  if (R > 0 && lead > 0.01 && !bare) {
    const { size } = band(length, 0, axis);
    list.unshift({ from: 0, count: R, start: 0, size: size * R });
  }
  return list;
}

function drawStrip(pen, object) {
  const { context } = pen;
  const { row, part } = object;
  drawBitmap(pen, object.source, part ? () => part : (width) => [0, row, width, 1], object);
  if (!object.source2) return;
  const before = context.globalAlpha;
  context.globalAlpha = before * object.mix;
  // a row's number in the second bitmap may differ: strips count patches, tokens count prefix rows too
  drawBitmap(pen, object.source2, (width) => [0, object.row2 ?? row, width, 1], object);
  context.globalAlpha = before;
}

function drawFrame(pen, { x, y, w, h, color, width, grow, dash }) {
  const { context } = pen;
  const stroke = (ink, thickness) => {
    context.strokeStyle = colorOf(pen, ink);
    context.lineWidth = thickness;
    context.strokeRect(x - grow, y - grow, w + 2 * grow, h + 2 * grow);
  };
  context.setLineDash(dash ?? []);
  if (color === "text") stroke("background", width + 2); // seen on photos and maps of any tone
  stroke(color, width);
  context.setLineDash([]);
}

function drawFill(pen, { x, y, w, h, color }) {
  pen.context.fillStyle = pen.theme.marks[color] ?? colorOf(pen, color);
  pen.context.fillRect(x, y, w, h);
}

function drawLink(pen, { x, y, x2, y2, color, dash }) {
  const { context } = pen;
  const bend = Math.max(12, (x2 - x) / 2);
  context.strokeStyle = pen.theme.marks[color] ?? colorOf(pen, color);
  context.lineWidth = 1.25;
  context.setLineDash(dash ?? []);
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x + bend, y, x2 - bend, y2, x2, y2);
  context.stroke();
  context.setLineDash([]);
}

function drawChip(pen, object) {
  const { context, theme, font } = pen;
  const { x, y, w, h, weights, token, heat } = object;
  context.fillStyle = theme.colors.wash;
  context.fillRect(x, y, w, h);
  if (weights && heat > 0) {
    const before = context.globalAlpha;
    context.globalAlpha = before * heat;
    const full = highest(weights.map((_, one) => weightOf(object, one)));
    context.fillStyle = cssColor(theme.ramps.attention[tone(weightOf(object, token), full, "linear")]);
    context.fillRect(x, y + h - 4, w, 4);
    context.globalAlpha = before;
  }
  context.strokeStyle = theme.marks.cls;
  context.lineWidth = 1.25;
  context.strokeRect(x, y, w, h);
  if (w >= 24)
    write(pen, {
      text: object.text,
      x: x + w / 2,
      y: y + h / 2 + font * 0.3,
      align: "center",
      color: "cls",
      size: font - 2.5,
    });
}

/** Values as bars: along a matrix's rows (axis "rows", growing to the right) or columns (growing up). */
function drawBars(pen, object) {
  const {
    x,
    y,
    w,
    h,
    values,
    values2,
    share = 0,
    span,
    zero = 0,
    axis,
    R,
    N,
    lead,
    from = 0,
    upTo,
    color = "attention",
  } = object;
  const { context, theme } = pen;
  const length = axis === "rows" ? h : w;
  const place = { R, N, lead };
  const until = Math.ceil(values.length * upTo);
  for (let token = Math.floor(values.length * from); token < until; token += 1) {
    const { start, size } = band(length, token, place);
    const value = values2 ? lerp(values[token], values2[token], share) : values[token];
    const extent = value / span;
    const thick = Math.max(0.7, size * 0.8);
    context.fillStyle = value < 0 ? theme.colors.quiet : (theme.marks[color] ?? theme.colors[color]);
    if (axis === "rows")
      context.fillRect(x + w * (zero + Math.min(0, extent)), y + start, w * Math.abs(extent), thick);
    else
      context.fillRect(x + start, y + h * (1 - zero) - h * Math.max(0, extent), thick, h * Math.abs(extent));
  }
  context.fillStyle = theme.colors.line;
  if (axis === "rows") context.fillRect(x + w * zero - 0.5, y, 1, h);
  else context.fillRect(x, y + h * (1 - zero) - 0.5, w, 1);
}

/** A line through points [[share of w, share of h], …], the first `upTo` of its width. */
function drawCurve(pen, { x, y, w, h, points, upTo, color, thick = 1.5 }) {
  const { context } = pen;
  context.save();
  context.beginPath();
  context.rect(x - 2, y - 4, (w + 4) * upTo, h + 8);
  context.clip();
  context.strokeStyle = pen.theme.marks[color] ?? colorOf(pen, color);
  context.lineWidth = thick;
  context.lineJoin = "round";
  context.beginPath();
  points.forEach(([px, py], i) => {
    const point = [x + px * w, y + (1 - py) * h];
    if (i === 0) context.moveTo(...point);
    else context.lineTo(...point);
  });
  context.stroke();
  context.restore();
}

/** With a rim of the background's colour, which keeps a name legible while a matrix passes. */
function drawText(pen, object) {
  write(pen, { ...object, rim: RIM });
}

/** Text that is never cut: it moves into the stage, and shrinks where it is wider than that. */
function write(
  pen,
  { text, note = "", x, y, align = "left", color, bold, mono, size = 0, most = Infinity, rim = 0 },
) {
  const { context, theme, width, height, font } = pen;
  const full = note ? `${text}  ` : text;
  let px = size || font;
  const face = (isBold, isMono) =>
    `${isBold ? 600 : 400} ${px}px ${isMono ? theme.fonts.mono : theme.fonts.text}`;
  const measure = () => {
    context.font = face(bold, mono);
    const first = context.measureText(full).width;
    context.font = face(false, true);
    return [first, note ? context.measureText(note).width : 0];
  };
  const room = Math.min(most, width - 2 * EDGE);
  let [first, second] = measure();
  while (first + second > room && px > SMALLEST_TEXT) {
    px -= 0.5;
    [first, second] = measure();
  }
  const total = first + second;
  const shift = align === "center" ? total / 2 : align === "right" ? total : 0;
  const left = clamp(x - shift, EDGE, Math.max(EDGE, width - EDGE - total));
  const base = clamp(y, px, height - EDGE);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  const put = (words, at, style, fillStyle) => {
    Object.assign(context, { font: style, fillStyle });
    if (rim) {
      Object.assign(context, { strokeStyle: theme.colors.background, lineWidth: rim, lineJoin: "round" });
      context.strokeText(words, at, base);
    }
    context.fillText(words, at, base);
  };
  put(full, left, face(bold, mono), colorOf(pen, color));
  if (note) put(note, left + first, face(false, true), theme.colors.quiet);
}

const KINDS = {
  image: drawImageObject,
  tiles: drawTiles,
  matrix: drawMatrix,
  strip: drawStrip,
  frame: drawFrame,
  fill: drawFill,
  link: drawLink,
  chip: drawChip,
  bars: drawBars,
  curve: drawCurve,
  text: drawText,
};
