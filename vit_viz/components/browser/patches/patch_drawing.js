// Painting the picture's patches on canvases. A picture is {picture, height, width, pixels}, `picture` drawable.

import { placeOf } from "./patch_cut.js";

export const PLANES = [
  { name: "R", hue: [1, 0, 0] },
  { name: "G", hue: [0, 1, 0] },
  { name: "B", hue: [0, 0, 1] },
];
const PHOTO_SIDE = 896; // canvas pixels of the longer side: sharp on a dense screen, still quick to paint
const PLANE_SIDE = 224;
const FULLY_APART = 0.6; // how much smaller than its cell a patch then is
const WIDEST_GAP = 40; // canvas pixels: large patches keep their size, and their numbers stay small print
const ABOVE = 0.15; // of the gap; the rest lies below a patch and has room for its number
const NUMBER_SIZE = 9; // smallest size on screen, in pixels, at which a number in the gap can be read

/** The picture with its patches drawn apart (0 … 1); where the gaps have room, each with its place in the row. */
export function drawPhoto(canvas, data, cut, { apart, patch, colour }) {
  const scale = PHOTO_SIDE / Math.max(data.height, data.width);
  canvas.width = Math.round(data.width * scale);
  canvas.height = Math.round(data.height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  const [cellHeight, cellWidth] = [cut.high * scale, cut.wide * scale];
  const shrink = 1 - Math.min(FULLY_APART, WIDEST_GAP / Math.min(cellHeight, cellWidth)) * apart;
  const [top, left] = [(1 - shrink) * ABOVE, (1 - shrink) / 2];
  drawUnread(pen, data, cut, scale);
  for (let index = 0; index < cut.count; index += 1) {
    const [row, col] = placeOf(cut, index);
    pen.drawImage(
      data.picture, col * cut.wide, row * cut.high, cut.wide, cut.high,
      (col + left) * cellWidth, (row + top) * cellHeight, shrink * cellWidth, shrink * cellHeight,
    );
  }
  drawNumbers(pen, canvas, cut, { gap: (1 - shrink) * (1 - ABOVE) * cellHeight, cellHeight, cellWidth, colour });
  const [row, col] = placeOf(cut, patch);
  frame(pen, (col + left) * cellWidth, (row + top) * cellHeight, shrink * cellWidth, shrink * cellHeight);
}

// pixels beyond the last whole patch: there, but pale
function drawUnread(pen, data, cut, scale) {
  if (cut.unread[0] === 0 && cut.unread[1] === 0) return;
  pen.globalAlpha = 0.25;
  pen.drawImage(data.picture, 0, 0, data.width * scale, data.height * scale);
  pen.globalAlpha = 1;
  pen.clearRect(0, 0, cut.cols * cut.wide * scale, cut.rows * cut.high * scale);
}

function drawNumbers(pen, canvas, cut, { gap, cellHeight, cellWidth, colour }) {
  const onScreen = canvas.clientWidth / canvas.width;
  const size = gap * 0.72;
  if (size * onScreen < NUMBER_SIZE) return;
  pen.fillStyle = colour;
  pen.font = `${size}px ${getComputedStyle(canvas).fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let index = 0; index < cut.count; index += 1) {
    const [row, col] = placeOf(cut, index);
    pen.fillText(String(index + 1), (col + 0.5) * cellWidth, (row + 1) * cellHeight - gap / 2);
  }
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

/** One patch enlarged: in colour where `channel` is null, or one of its planes. */
export function drawPlane(canvas, numbers, { high, wide }, channel) {
  const size = high * wide;
  const picture = new ImageData(wide, high);
  for (let i = 0; i < size; i += 1) {
    const colour =
      channel === null
        ? [numbers[i], numbers[size + i], numbers[2 * size + i]]
        : PLANES[channel].hue.map((share) => share * numbers[channel * size + i]);
    picture.data.set([...colour, 255], i * 4);
  }
  const small = new OffscreenCanvas(wide, high);
  small.getContext("2d").putImageData(picture, 0, 0);
  canvas.width = PLANE_SIDE;
  canvas.height = Math.round((PLANE_SIDE * high) / wide);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** The patch's numbers one after another, each in its plane's colour. */
export function drawStrip(canvas, numbers) {
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

/** One patch as it is, pixel by pixel. */
export function drawPatch(canvas, data, cut, patch) {
  const [row, col] = placeOf(cut, patch);
  Object.assign(canvas, { width: cut.wide, height: cut.high });
  const pen = canvas.getContext("2d");
  pen.drawImage(data.picture, col * cut.wide, row * cut.high, cut.wide, cut.high, 0, 0, cut.wide, cut.high);
}
