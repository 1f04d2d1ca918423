const INK = [18, 52, 86];
const FAR = 8; // Brave changes lowest bits, which no eye sees

/**
 * Raises a sentence where canvases answer with noise: against being recognised by what they draw, Tor Browser and
 * LibreWolf give that to whoever asks, and a saved picture would be nothing else.
 */
export function checkReadable() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 4, height: 4 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = `rgb(${INK})`;
  pen.fillRect(0, 0, 4, 4);
  const { data } = pen.getImageData(0, 0, 4, 4);
  if (data.some((value, i) => i % 4 < 3 && Math.abs(value - INK[i % 4]) > FAR)) {
    throw new Error("this browser gives out noise in place of what is drawn: allow this page to read its canvas");
  }
}
