// Rings around a box, which the style sheets draw as shadows without blur: WebKit draws no shadow at its place in an SVG
// on a scaled canvas, so a saved picture has them as strokes.

import { svg } from "./dom.js";

const RING = /(\w+\([^)]*\)|\w+) 0px 0px 0px ([\d.]+)px(?! inset)/g;

/** What a computed box-shadow shows around its box, [{color, from, to}] in pixels from its edge, outwards. */
export function ringsOf(shadow) {
  const rings = [];
  for (const [, color, spread] of shadow.matchAll(RING)) {
    const from = rings.at(-1)?.to ?? 0;
    if (Number(spread) > from) rings.push({ color, from, to: Number(spread) });
  }
  return rings;
}

/** Stroke the rings of `original` in its copy, in place of their shadow. */
export function strokeRings(original, copy) {
  const { boxShadow, position, borderTopLeftRadius } = getComputedStyle(original);
  const rings = ringsOf(boxShadow);
  if (rings.length === 0) return;
  copy.style.boxShadow = "none";
  if (position === "static") copy.style.position = "relative";
  const { offsetWidth, offsetHeight, clientLeft, clientTop } = original;
  const round = borderTopLeftRadius.endsWith("%") ? offsetWidth / 2 : Number.parseFloat(borderTopLeftRadius);
  const place = { position: "absolute", left: `${-clientLeft}px`, top: `${-clientTop}px`, margin: 0, overflow: "visible" };
  const frame = svg("svg", { width: offsetWidth, height: offsetHeight }, ...rings.map((ring) => stroke(ring, round, original)));
  Object.assign(frame.style, place);
  copy.append(frame);
}

function stroke({ color, from, to }, round, { offsetWidth, offsetHeight }) {
  const middle = (from + to) / 2;
  const size = { x: -middle, y: -middle, width: offsetWidth + 2 * middle, height: offsetHeight + 2 * middle };
  const rect = svg("rect", { ...size, rx: round > 0 ? round + middle : 0 });
  Object.assign(rect.style, { fill: "none", stroke: color, strokeWidth: `${to - from}px` });
  return rect;
}
