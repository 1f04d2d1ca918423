// A component as a PNG: its elements and style sheets are copied into an SVG, which the browser draws on a canvas.
// Nothing in such an SVG is fetched or run, so canvases, images and fonts go in as data.

import { make, svg } from "./dom.js";
import { wrapped } from "./picture_words.js";
import { checkReadable } from "./readable_canvas.js";
import { strokeRings } from "./rings.js";

const SCALE = 2;
const MARGIN = 16;
const FOOTER = 13; // font size, and LINE the height of its lines
const LINE = 18;
const LONGEST_SIDE = 16_000; // what browsers draw on a canvas
const MOST_PIXELS = 4096 * 4096; // on an iPhone or iPad, where a larger one stays blank
const HTML = "http://www.w3.org/1999/xhtml";
const PASSING = ".cursor, .hovered, .unseen"; // marks of a pointer, and words for screen readers only
const INHERITED = ["letter-spacing", "word-spacing", "text-align", "-webkit-font-smoothing", "text-rendering"]; // base.css sets the font

/** What is on screen below `root` as a PNG, with a line of words below it. */
export async function pngOf(root, words) {
  checkReadable();
  const { width, height } = root.getBoundingClientRect();
  const image = await loaded(await svgAddress(root, width, height));
  return toPng(image, { width, height, words, style: getComputedStyle(root) });
}

/** How many times as large as on screen a picture is drawn: twice, or as far as a canvas goes. */
export function scaleOf({ width, height }) {
  return Math.min(SCALE, LONGEST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
}

function toPng(image, { width, height, words, style }) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const font = `${FOOTER}px ${style.fontFamily}`;
  pen.font = font;
  const lines = wrapped(words, width, (text) => pen.measureText(text).width);
  const whole = { width: width + 2 * MARGIN, height: height + lines.length * LINE + 3 * MARGIN };
  const scale = scaleOf(whole);
  Object.assign(canvas, { width: Math.floor(scale * whole.width), height: Math.floor(scale * whole.height) });
  pen.scale(scale, scale);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, whole.width, whole.height);
  pen.drawImage(image, MARGIN, MARGIN, width, height);
  pen.fillStyle = style.color;
  pen.font = font;
  pen.globalAlpha = 0.7;
  lines.forEach((line, index) => pen.fillText(line, MARGIN, height + 2 * MARGIN + (index + 0.8) * LINE));
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("it is too large for this browser"))), "image/png");
  });
}

async function svgAddress(root, width, height) {
  const copy = root.cloneNode(true);
  const [originals, copies] = [root, copy].map((top) => [...top.querySelectorAll("*")]);
  await Promise.all(originals.map((original, index) => carryOver(original, copies[index])));
  for (const passing of copy.querySelectorAll(PASSING)) passing.remove();
  const css = await stylesOf(root);
  const frame = document.createElementNS(HTML, "div");
  frame.className = "mounted";
  frame.setAttribute("style", surroundings(root, css));
  const style = document.createElementNS(HTML, "style");
  style.textContent = `${await fontFaces(root)}${css} * { transition: none !important; animation: none !important; }`;
  frame.append(style, copy);
  const size = { width, height };
  const picture = svg("svg", size, svg("foreignObject", size, frame));
  return address(new Blob([new XMLSerializer().serializeToString(picture)], { type: "image/svg+xml" }));
}

/** What an element shows and its copy would not: pixels, and where controls stand. */
async function carryOver(original, copy) {
  const { tagName } = original;
  // a picture does not scroll: what sticks to the window stands where it began
  if (getComputedStyle(original).position === "sticky") Object.assign(copy.style, { position: "relative", inset: "auto" });
  strokeRings(original, copy);
  if (tagName === "CANVAS") lay(original, copy, original.toDataURL());
  else if (tagName === "IMG" && original.naturalWidth > 0) Object.assign(copy, { src: await imageAddress(original), decoding: "sync" });
  else if (tagName === "INPUT") {
    copy.setAttribute("value", original.value);
    copy.toggleAttribute("checked", original.checked);
  }
}

// without scripts a canvas is no picture: it becomes a box of its size that shows what is in it
function lay(canvas, copy, pixels) {
  const { display, width, height } = getComputedStyle(canvas);
  if (display === "none") return;
  Object.assign(copy.style, { display: display === "inline" ? "inline-block" : display, width, height });
  // WebKit decodes a large picture after the SVG is drawn, unless it is told not to
  const image = make("img", { src: pixels, decoding: "sync" });
  Object.assign(image.style, { display: "block", position: "static", width: "100%", height: "100%", margin: 0, padding: 0, border: 0, outline: 0 });
  copy.replaceChildren(image);
}

function imageAddress(image) {
  if (image.src.startsWith("data:")) return image.src;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL();
}

const sheets = new Map();

/** The style sheets that apply to `root`, imported ones first: as written, for a rule's cssText drops some shorthands. */
async function stylesOf(root) {
  return (await Promise.all([...root.getRootNode().styleSheets].map(textOf))).join("\n");
}

async function textOf(sheet) {
  const imported = [...sheet.cssRules].filter((rule) => rule.styleSheet).map((rule) => textOf(rule.styleSheet));
  const own = sheet.href ? await kept(sheets, sheet.href, (answer) => answer.text()) : sheet.ownerNode.textContent;
  return [...(await Promise.all(imported)), own.replace(/@import[^;]*;/g, "")].join("\n");
}

/** What an address answers, asked for once; again where it failed. */
function kept(store, url, read) {
  if (!store.has(url)) {
    const answer = fetch(url).then((found) => (found.ok ? read(found) : Promise.reject(new Error("the app does not answer"))));
    answer.catch(() => store.delete(url));
    store.set(url, answer);
  }
  return store.get(url);
}

/** What the copy would have from the page around it: inherited properties, and the theme's own. */
function surroundings(root, css) {
  const style = getComputedStyle(root.parentElement);
  const themed = new Set(css.match(/--st-[\w-]+/g));
  return [...INHERITED, ...themed].map((name) => `${name}: ${style.getPropertyValue(name)}`).join("; ");
}

const faces = new Map();

/** The page's fonts that `root` uses, as @font-face rules with the fonts in them. */
async function fontFaces(root) {
  const style = getComputedStyle(root);
  const used = `${style.fontFamily},${style.getPropertyValue("--mono")}`.split(",").map(bare);
  const rules = [...document.styleSheets].flatMap(fontRules).filter(({ rule }) => used.includes(bare(rule.style.fontFamily)));
  return (await Promise.all(rules.map(embedded))).join("\n");
}

function fontRules(sheet) {
  const rules = [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule && rule.style.fontStyle !== "italic");
  return rules.map((rule) => ({ rule, base: sheet.href ?? document.baseURI }));
}

const bare = (family) => family.trim().replace(/^["']|["']$/g, "");

async function embedded({ rule, base }) {
  const [, source] = /url\("?([^")]+)"?\)/.exec(rule.style.src) ?? [];
  if (!source) return "";
  const url = new URL(source, base).href;
  const data = await kept(faces, url, async (answer) => address(await answer.blob()));
  const { fontFamily, fontWeight } = rule.style;
  return `@font-face { font-family: ${fontFamily}; font-weight: ${fontWeight}; src: url(${data}); }`;
}

function address(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(blob);
  });
}

function loaded(source) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.addEventListener("load", () => done(image));
    image.addEventListener("error", () => failed(new Error("this browser cannot draw it")));
    image.src = source;
  });
}
