import { ArithmeticPanel } from "./arithmetic_panel.js";
import { Segments, Slider } from "../shared/controls.js";
import { make } from "../shared/dom.js";
import { MatrixCanvas } from "./matrix_canvas.js";
import { OverviewCanvas } from "./overview_canvas.js";
import { PhotoStage } from "../shared/photo_stage.js";
import { Readouts } from "./readouts.js";
import { WeightsTable } from "./weights_table.js";

/** Build the explorer's parts, wired to the handlers in `on`, and lay them out below `root`. */
export function layOut(root, on) {
  const parts = {
    stage: new PhotoStage(on.photo),
    overview: new OverviewCanvas(on.overview),
    matrix: new MatrixCanvas(on.matrix),
    readouts: new Readouts(on.readouts),
    arithmetic: new ArithmeticPanel(),
    table: new WeightsTable(),
    layer: new Slider("Layer", on.layer),
    head: new Slider("Head", on.head),
    direction: new Segments("The token", { to: "attends to", by: "is attended by" }, on.direction),
    options: {
      overlay: new Segments("Over the photo", { heat: "heat", reveal: "reveal" }, on.option("overlay")),
      scale: new Segments(
        "Scale",
        { shared: "shared by all heads", own: "each map its own" },
        on.option("scale"),
      ),
      steps: new Segments("Steps", { linear: "linear", log: "logarithmic" }, on.option("steps")),
      heads: new Segments("Heads", { one: "one", mean: "mean of the layer" }, on.option("heads")),
      matrix: new Segments(
        "Matrix",
        { after: "after softmax", before: "before softmax" },
        on.option("matrix"),
      ),
    },
    ...texts(),
  };
  parts.retry.addEventListener("click", on.retry);
  root.append(...arrange(parts));
  return parts;
}

function texts() {
  const paragraph = (className, attributes = {}) => make("p", { className, ...attributes });
  return {
    caption: paragraph("caption"),
    detail: paragraph("detail"),
    legend: make("div", { className: "legend" }),
    legendBar: make("div", { className: "legend-bar" }),
    legendLow: make("span", { className: "number" }),
    legendHigh: make("span", { className: "number" }),
    matrixTitle: make("h3", {}),
    cell: paragraph("detail"),
    status: paragraph("status", { role: "status" }),
    problem: make("div", { className: "problem", role: "alert", hidden: true }),
    problemText: paragraph("problem-text"),
    retry: make("button", { type: "button", className: "retry" }, "Try again"),
    live: make("div", { className: "unseen", role: "status", "aria-live": "polite" }),
    prefixNote: paragraph("note"),
  };
}

function arrange(parts) {
  parts.problem.append(parts.problemText, parts.retry);
  parts.legend.append(parts.legendLow, parts.legendBar, parts.legendHigh);
  const options = Object.values(parts.options).map((option) => option.element);
  const more = make(
    "details",
    { className: "more" },
    make("summary", {}, "More"),
    make("div", { className: "options-row" }, ...options),
  );
  const controls = make(
    "div",
    { className: "controls" },
    parts.layer.element,
    parts.head.element,
    parts.direction.element,
    more,
  );
  const part = (name, ...children) => make("section", { className: name }, ...children);
  parts.content = make(
    "div",
    { className: "content" },
    controls,
    make(
      "div",
      { className: "views" },
      part("photo-part", parts.stage.element, parts.caption, parts.detail, parts.legend, parts.status),
      part(
        "overview-part",
        make("h3", {}, "All heads, this token"),
        parts.overview.element,
        parts.prefixNote,
      ),
      part("readouts-part", make("h3", {}, "This token, this head"), parts.readouts.element),
      part("matrix-part", parts.matrixTitle, parts.matrix.element, parts.cell),
      part("arithmetic-part", make("h3", {}, "One weight, term by term"), parts.arithmetic.element),
    ),
    parts.table.element,
  );
  return [parts.problem, parts.content, parts.live];
}
