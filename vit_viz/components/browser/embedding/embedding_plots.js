import { Plot } from "../shared/plots.js";
import { cssColor } from "../shared/ramps.js";

const MARGIN = 4;

/** Numbers one after another as a line around a zero line. */
export class Line extends Plot {
  constructor(name, on) {
    super("line", name, on);
    new ResizeObserver(() => this.#paint()).observe(this.element);
  }

  write(values, ramps) {
    Object.assign(this, { values, ramps });
    this.setSize(1, values.length);
    this.#paint();
  }

  #paint() {
    const { values, element, canvas, pen } = this;
    const { clientWidth, clientHeight } = element;
    if (!values || clientWidth === 0) return;
    const scale = globalThis.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(clientWidth * scale), height: Math.round(clientHeight * scale) });
    const low = values.reduce((least, value) => Math.min(least, value), 0);
    const high = values.reduce((most, value) => Math.max(most, value), 0);
    const room = canvas.height - 2 * MARGIN * scale;
    const x = (i) => ((i + 0.5) / values.length) * canvas.width;
    const y = (value) => MARGIN * scale + ((high - value) / (high - low || 1)) * room;
    const text = getComputedStyle(element).color;
    pen.lineWidth = scale;
    pen.strokeStyle = text;
    pen.globalAlpha = 0.3;
    pen.beginPath();
    pen.moveTo(0, y(0));
    pen.lineTo(canvas.width, y(0));
    pen.stroke();
    pen.globalAlpha = 1;
    pen.lineWidth = 1.5 * scale;
    pen.beginPath();
    values.forEach((value, i) => pen.lineTo(x(i), y(value)));
    pen.stroke();
    const end = values[values.length - 1];
    pen.fillStyle = cssColor(this.ramps.signed[end < 0 ? 0 : 255]);
    pen.beginPath();
    pen.arc(canvas.width - 4 * scale, y(end), 4 * scale, 0, 2 * Math.PI);
    pen.fill();
  }
}
