// Drawings as one SVG file that needs nothing else: computed styles are written into it, for the sheets stay behind.

import { SVG, svg as drawn } from "./dom.js";
import { wrapped } from "./picture_words.js";

const MARGIN = 16;
const LINE = 18;
const LETTER = 6.5; // about the width of a letter of 13 px
const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "font-family", "font-size", "font-weight",
  "text-anchor", "transform", "display",
];

/** The `svgs` below `root` where they stand on screen, the words of `texts` around them, and a line below. */
export function svgOf(root, { svgs, texts }, words) {
  // what is hidden has a box of no size in the window's corner
  const boxes = [...svgs, ...texts].filter((element) => element.checkVisibility()).map((element) => element.getBoundingClientRect());
  const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])) - MARGIN);
  const width = Math.max(...boxes.map((box) => box.right)) - left + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.bottom)) - top + MARGIN;
  const lines = wrapped(words, width - 2 * MARGIN, (text) => text.length * LETTER);
  const height = bottom + lines.length * LINE + MARGIN;
  const { backgroundColor, color, fontFamily } = getComputedStyle(root);
  const file = drawn("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  file.append(drawn("rect", { width, height, fill: backgroundColor }));
  for (const svg of svgs) file.append(placed(svg, left, top));
  for (const text of texts) file.append(...written(text, left, top));
  const quiet = { fill: color, "fill-opacity": 0.7, "font-family": fontFamily, "font-size": 13 };
  lines.forEach((line, index) => file.append(drawn("text", { x: MARGIN, y: bottom + (index + 0.8) * LINE, ...quiet }, line)));
  return new Blob([new XMLSerializer().serializeToString(file)], { type: "image/svg+xml" });
}

function placed(svg, left, top) {
  const copy = svg.cloneNode(true);
  const [originals, copies] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    copies[index].setAttribute("style", STYLES.map((name) => `${name}: ${style.getPropertyValue(name)}`).join("; "));
  });
  for (const passing of copy.querySelectorAll(".hovered")) passing.remove();
  const box = svg.getBoundingClientRect();
  for (const [name, value] of Object.entries({ x: box.left - left, y: box.top - top, width: box.width, height: box.height })) {
    copy.setAttribute(name, value);
  }
  copy.removeAttribute("style");
  return copy;
}

/** The words below an element, line by line where they stand on screen. */
function written(element, left, top) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const made = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const { color, fontFamily, fontSize, fontWeight } = getComputedStyle(node.parentElement);
    const style = { fill: color, "font-family": fontFamily, "font-size": fontSize, "font-weight": fontWeight };
    for (const { text, box } of linesOf(node)) {
      made.push(drawn("text", { x: box.left - left, y: box.top - top + 0.78 * box.height, ...style }, text));
    }
  }
  return made;
}

function linesOf(node) {
  const range = document.createRange();
  const lines = [];
  node.data.split("").forEach((letter, index) => {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const box = range.getBoundingClientRect();
    if (box.width === 0) return;
    if (lines.length === 0 || box.top > lines.at(-1).box.top + box.height / 2) lines.push({ text: "", box });
    lines.at(-1).text += letter;
  });
  return lines;
}
