// The photo in patches. Everything drawn is read from the pixels the model was given; Python hears of clicks only.

const PLANES = [
  { name: "R", hue: [1, 0, 0] },
  { name: "G", hue: [0, 1, 0] },
  { name: "B", hue: [0, 0, 1] },
];
const PHOTO_SIDE = 896; // canvas pixels of the longer side: sharp on a dense screen, still quick to paint
const PLANE_SIDE = 224;

const instances = new WeakMap();

export default function patchExplorer({ data, parentElement, setTriggerValue }) {
  let view = instances.get(parentElement);
  if (!view) {
    view = build(parentElement);
    instances.set(parentElement, view);
  }
  view.send = (patch) => setTriggerValue("patch", patch);
  view.show(data);
}

function build(parent) {
  const problem = element("p", "", parent);
  problem.setAttribute("role", "status");
  const root = element("div", "patches", parent);
  root.hidden = true;
  const left = element("div", "", root);
  const photo = element("canvas", "photo", left);
  photo.tabIndex = 0;
  photo.setAttribute("role", "application");
  const below = element("div", "line", left);
  const hint = element("span", "muted", below);
  hint.textContent = "Move to look, click to pick, arrows to walk";
  const gapLabel = element("label", "muted", below);
  gapLabel.append("Pull apart");
  const gap = element("input", "", gapLabel);
  Object.assign(gap, { type: "range", min: 0, max: 100, value: 15 });

  const right = element("div", "", root);
  const heading = element("div", "heading", right);
  heading.setAttribute("aria-live", "polite");
  const planes = element("div", "planes", right);
  const pictures = ["RGB", ...PLANES.map((plane) => plane.name)].map((name) => picture(planes, name));
  const strip = element("canvas", "strip", right);
  strip.setAttribute("role", "img");
  const values = element("div", "values", right);

  const view = { data: null, wanted: null, hovered: null, element: null, send: () => {} };
  const current = () => view.hovered ?? view.data.patch;

  function paint() {
    drawPhoto(photo, view.data, gap.value / 100, current());
    drawPatch(current());
  }

  function drawPatch(patch) {
    const { data } = view;
    const numbers = patchNumbers(data, patch);
    const [row, col] = [Math.floor(patch / data.cols), patch % data.cols];
    heading.textContent =
      `Patch (${row + 1}, ${col + 1}) · token ${data.prefix + patch} · ` +
      `${numbers.height} × ${numbers.width} × 3 = ${numbers.length} numbers`;
    pictures.forEach((canvas, i) => drawPlane(canvas, numbers, i === 0 ? null : i - 1));
    drawStrip(strip, numbers);
    strip.setAttribute("aria-label", `The patch flattened to ${numbers.length} numbers: all R, then G, then B`);
    describe(values, data, numbers, view.element ?? 0);
  }

  function pick(patch) {
    view.data = { ...view.data, patch };
    view.hovered = null;
    paint();
    view.send(patch);
  }

  photo.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") hover(patchAt(photo, view.data, event));
  });
  photo.addEventListener("pointerleave", () => hover(null));
  photo.addEventListener("click", (event) => pick(patchAt(photo, view.data, event)));
  photo.addEventListener("keydown", (event) => {
    const next = walk(view.data, event.key);
    if (next === null) return;
    event.preventDefault();
    pick(next);
  });
  gap.addEventListener("input", paint);
  pictures.forEach((canvas, i) =>
    canvas.addEventListener("pointermove", (event) => {
      const numbers = patchNumbers(view.data, current());
      const [x, y] = cell(canvas, event, numbers.width, numbers.height);
      point(Math.max(0, i - 1) * numbers.width * numbers.height + y * numbers.width + x);
    }),
  );
  strip.addEventListener("pointermove", (event) => {
    const numbers = patchNumbers(view.data, current());
    point(cell(strip, event, numbers.length, 1)[0]);
  });

  function hover(patch) {
    if (patch === view.hovered) return;
    view.hovered = patch;
    paint();
  }

  function point(index) {
    view.element = index;
    describe(values, view.data, patchNumbers(view.data, current()), index);
  }

  view.show = async (facts) => {
    view.wanted = facts;
    const label = `${facts.alt} In ${facts.rows} rows of ${facts.cols} patches. Arrow keys walk.`;
    photo.setAttribute("aria-label", label);
    const pixels = view.data?.source === facts.source ? view.data : await readPixels(facts.source);
    if (view.wanted !== facts) return; // another picture was chosen meanwhile
    view.data = { ...pixels, ...facts };
    if (!pixels.error) paint();
    root.hidden = Boolean(pixels.error);
    problem.textContent = pixels.error ?? "";
  };
  return view;
}

function element(tag, className, parent) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  parent.append(node);
  return node;
}

function picture(parent, name) {
  const figure = element("figure", "", parent);
  const canvas = element("canvas", "", figure);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The picked patch, ${name}`);
  element("figcaption", "muted", figure).textContent = name;
  return canvas;
}

// The patch's numbers in the order of the projection's weights: the R plane row by row, then G, then B.
export function patchNumbers(data, patch) {
  const height = data.height / data.rows;
  const width = data.width / data.cols;
  const top = Math.floor(patch / data.cols) * height;
  const left = (patch % data.cols) * width;
  const numbers = new Uint8Array(height * width * 3);
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        numbers[(channel * height + y) * width + x] =
          data.pixels[((top + y) * data.width + left + x) * 4 + channel]; // RGBA
  return Object.assign(numbers, { height, width });
}

export function walk({ patch, rows, cols }, key) {
  const [row, col] = [Math.floor(patch / cols), patch % cols];
  const moves = {
    ArrowLeft: [row, col - 1],
    ArrowRight: [row, col + 1],
    ArrowUp: [row - 1, col],
    ArrowDown: [row + 1, col],
    Home: [0, 0],
    End: [rows - 1, cols - 1],
  };
  if (!(key in moves)) return null;
  const [r, c] = moves[key];
  return clamp(r, rows) * cols + clamp(c, cols);
}

function clamp(index, count) {
  return Math.min(count - 1, Math.max(0, index));
}

function cell(canvas, event, columns, lines) {
  const box = canvas.getBoundingClientRect();
  return [
    clamp(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
    clamp(Math.floor(((event.clientY - box.top) / box.height) * lines), lines),
  ];
}

function patchAt(canvas, data, event) {
  const [col, row] = cell(canvas, event, data.cols, data.rows);
  return row * data.cols + col;
}

function drawPhoto(canvas, data, apart, patch) {
  const scale = PHOTO_SIDE / Math.max(data.height, data.width);
  canvas.width = Math.round(data.width * scale);
  canvas.height = Math.round(data.height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  const [height, width] = [data.height / data.rows, data.width / data.cols];
  const [cellHeight, cellWidth] = [canvas.height / data.rows, canvas.width / data.cols];
  const shrink = 1 - 0.55 * apart;
  for (let row = 0; row < data.rows; row++) {
    for (let col = 0; col < data.cols; col++) {
      pen.drawImage(
        data.picture, col * width, row * height, width, height,
        (col + (1 - shrink) / 2) * cellWidth, (row + (1 - shrink) / 2) * cellHeight,
        shrink * cellWidth, shrink * cellHeight,
      );
    }
  }
  const [row, col] = [Math.floor(patch / data.cols), patch % data.cols];
  frame(pen, col * cellWidth, row * cellHeight, cellWidth, cellHeight);
}

// Light inside dark, so that the frame is seen on any photo.
function frame(pen, x, y, width, height) {
  pen.lineWidth = 6;
  pen.strokeStyle = "#15161a";
  pen.strokeRect(x, y, width, height);
  pen.lineWidth = 3;
  pen.strokeStyle = "#ffffff";
  pen.strokeRect(x, y, width, height);
}

// The very values the model was given: a PNG, decoded without any colour conversion.
async function readPixels(source) {
  try {
    const answer = await fetch(source);
    if (!answer.ok) throw new Error(await answer.text());
    const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
    const { width, height } = bitmap;
    const picture = new OffscreenCanvas(width, height);
    const pen = picture.getContext("2d", { willReadFrequently: true });
    pen.drawImage(bitmap, 0, 0);
    return { source, picture, width, height, pixels: pen.getImageData(0, 0, width, height).data };
  } catch (error) {
    return { source: null, error: `The picture did not arrive (${error.message}). Reload the page to try again.` };
  }
}

function drawPlane(canvas, numbers, channel) {
  const { height, width } = numbers;
  const size = height * width;
  const picture = new ImageData(width, height);
  for (let i = 0; i < size; i++) {
    const colour =
      channel === null
        ? [numbers[i], numbers[size + i], numbers[2 * size + i]]
        : PLANES[channel].hue.map((share) => share * numbers[channel * size + i]);
    picture.data.set([...colour, 255], i * 4);
  }
  const small = new OffscreenCanvas(width, height);
  small.getContext("2d").putImageData(picture, 0, 0);
  canvas.width = PLANE_SIDE;
  canvas.height = Math.round((PLANE_SIDE * height) / width);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

function drawStrip(canvas, numbers) {
  const size = numbers.length / 3;
  canvas.width = numbers.length;
  canvas.height = 1;
  const picture = new ImageData(numbers.length, 1);
  numbers.forEach((value, i) => {
    const colour = PLANES[Math.floor(i / size)].hue.map((share) => share * value);
    picture.data.set([...colour, 255], i * 4);
  });
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function describe(node, data, numbers, index) {
  const size = numbers.length / 3;
  const channel = Math.floor(index / size);
  const [y, x] = [Math.floor((index % size) / numbers.width), index % numbers.width];
  const value = numbers[index];
  const scaled = value / 255;
  const normalised = (scaled - data.mean[channel]) / data.std[channel];
  node.replaceChildren();
  const where = element("div", "", node);
  where.textContent =
    `Number ${index + 1} of ${numbers.length}: ${PLANES[channel].name} of pixel (${y + 1}, ${x + 1}) `;
  const place = element("div", "number muted", node);
  place.textContent = `${channel} · ${size} + ${y} · ${numbers.width} + ${x} + 1 = ${index + 1}`;
  const arithmetic = element("div", "number", node);
  arithmetic.textContent =
    `${value} / 255 = ${scaled.toFixed(4)};  (${scaled.toFixed(4)} − ${Number(data.mean[channel].toFixed(4))}) / ` +
    `${Number(data.std[channel].toFixed(4))} = ${normalised.toFixed(4)}`;
}
