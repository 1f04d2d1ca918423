// A drawing of the page as a PNG to take away: its styles are written into it first, for they live in the page.

const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "font-family", "font-size",
  "text-anchor", "transform", "display",
];
const MARGIN = 16;
const LINE = 18;
const SCALE = 2;

/** A PNG of an SVG in the page as a Blob, with lines of text above it. */
export async function pngOf(svg, { lines, background, color }) {
  const { width, height } = svg.viewBox.baseVal;
  const copy = svg.cloneNode(true);
  const [originals, copies] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    for (const name of STYLES) copies[index].style.setProperty(name, style.getPropertyValue(name));
    copies[index].style.transition = "none";
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = await loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`);
  const canvas = document.createElement("canvas");
  const head = lines.length * LINE + 8;
  Object.assign(canvas, { width: SCALE * (width + 2 * MARGIN), height: SCALE * (height + head + 2 * MARGIN) });
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = background;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = color;
  pen.font = "13px system-ui, sans-serif";
  lines.forEach((line, index) => pen.fillText(line, MARGIN, MARGIN + (index + 0.7) * LINE, width));
  pen.drawImage(image, MARGIN, MARGIN + head, width, height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function loaded(source) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("the drawing cannot be turned into a picture"));
    image.src = source;
  });
}

/** Hand a Blob to the reader as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
