import { make, svg } from "../shared/dom.js";
import { entry } from "../shared/mount.js";

const WIDTH = 330;
const MIDDLE = 132;
const BOX = { width: 168, height: 30 };
const STEP = 52;
const BEND = 44;

/** Encoder blocks of several kinds side by side. */
class BlockDrawing {
  constructor(root) {
    this.root = root;
  }

  update(data) {
    this.root.replaceChildren(...data.drawings.map(drawing));
  }

  drawing() {
    return { svgs: [...this.root.querySelectorAll("svg")], texts: [...this.root.querySelectorAll("figcaption")] };
  }
}

/**
 * One block from below to above. `halves` are the two lists of steps, each {kind, text, value};
 * a step of the kind "add" takes in what came before its half.
 */
function drawing({ title, formula, halves, input, output }) {
  const steps = halves.flat();
  const height = (steps.length + 2) * STEP - 6;
  const at = (step) => height - 26 - step * STEP;
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": spoken(title, halves) });
  picture.append(text(MIDDLE, at(0) + 18, input.text, "size"), ...value(at(0) + 8, input.value));
  let step = 1;
  for (const half of halves) {
    const branch = at(step - 1) - (step === 1 ? 4 : STEP / 2 - 6);
    for (const part of half) {
      const from = step === 1 ? at(0) + 2 : at(step - 1) - reach(steps[step - 2]);
      picture.append(wire(from, at(step) + reach(part)));
      if (part.kind === "add") picture.append(...plus(at(step), branch));
      else picture.append(box(at(step), part));
      picture.append(...value(at(step), part.value));
      step += 1;
    }
  }
  picture.append(wire(at(step - 1) - reach(steps.at(-1)), at(step) + 12), text(MIDDLE, at(step) + 4, output.text, "size"));
  return make(
    "figure", {},
    make("figcaption", {}, make("strong", {}, title), make("span", { className: "formula" }, formula)), picture,
  );
}

/** How far a step's circle or box goes up and down from its middle. */
function reach({ kind }) {
  return kind === "add" ? 10 : BOX.height / 2;
}

function text(x, y, content, className, anchor = "middle") {
  return svg("text", { x, y, class: className, "text-anchor": anchor }, content);
}

function value(y, content) {
  return content ? [text(MIDDLE + BOX.width / 2 + 10 + BEND, y + 4, content, "value", "start")] : [];
}

function wire(from, to) {
  return svg("g", {}, svg("path", { d: `M${MIDDLE} ${from}V${to}M${MIDDLE - 4} ${to + 7}L${MIDDLE} ${to}L${MIDDLE + 4} ${to + 7}`, class: "wire" }));
}

/** The circle where the two ways meet, and the way that goes round the half. */
function plus(y, branch) {
  const right = MIDDLE + BOX.width / 2 + BEND / 2;
  return [
    svg("path", { d: `M${MIDDLE} ${branch}H${right}V${y}H${MIDDLE + 10}m7 -4l-7 4l7 4`, class: "wire around" }),
    svg("circle", { cx: MIDDLE, cy: y, r: 10, class: "plus" }),
    svg("path", { d: `M${MIDDLE - 5} ${y}h10M${MIDDLE} ${y - 5}v10`, class: "cross" }),
  ];
}

function box(y, { kind, text: content }) {
  return svg(
    "g", { class: `box ${kind}` },
    svg("rect", { x: MIDDLE - BOX.width / 2, y: y - BOX.height / 2, width: BOX.width, height: BOX.height, rx: 3 }),
    text(MIDDLE, y + 4.5, content, "name"),
  );
}

function spoken(title, halves) {
  const steps = halves.flat().map(({ kind, text: content }) => (kind === "add" ? "add what came before" : content));
  return `${title}, from below: ${steps.join(", ")}.`;
}

export default entry(BlockDrawing, "blocks");
