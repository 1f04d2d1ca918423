// The two drawings of Vaswani et al. 2017, Figure 2, redrawn with this model's sizes.

import { svg } from "../shared/dom.js";

const WIDTH = 344;
const HEIGHT = 372;

const text = (x, y, content, className = "", anchor = "middle") => svg("text", { x, y, class: className, "text-anchor": anchor }, content);
const line = (...points) => svg("polyline", { points: points.map((point) => point.join(",")).join(" "), class: "wire" });

function arrow(...points) {
  const [x, y] = points.at(-1);
  return svg("g", {}, line(...points), svg("path", { d: `M${x - 4} ${y + 7}L${x} ${y}L${x + 4} ${y + 7}`, class: "wire" }));
}

/**
 * A box for the steps it stands for; a click leads to the first of them. `x` and `y` are its middle;
 * `copies` draws the heads behind it.
 */
function box({ x, y, width, title, size, steps, copies = 1, kind = "" }) {
  const height = 30;
  const rect = (shift) => svg("rect", { x: x - width / 2 + shift, y: y - height / 2 - shift, width, height, rx: 3 });
  const layers = Array.from({ length: copies }, (_, i) => rect((copies - 1 - i) * 5));
  const group = svg("g", { class: `box ${kind}`, tabindex: 0, role: "link", "data-steps": steps.join(" ") });
  group.setAttribute("aria-label", `${title}, ${size}: go to this step`);
  group.append(...layers, text(x, y + 4.5, title, "name"));
  return group;
}

function figure(title, ...children) {
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": title });
  drawing.append(...children.flat());
  const caption = document.createElement("figcaption");
  caption.append(title);
  const element = document.createElement("figure");
  element.className = "drawing";
  element.append(caption, drawing);
  return element;
}

function scaledDotProduct({ T, K }) {
  const all = `${T} × ${T}`;
  const one = `${T} × ${K}`;
  const [q, k, v] = [60, 130, 200];
  const middle = (q + k) / 2;
  const last = (middle + v) / 2;
  const side = (y, size, x = 168) => text(x, y + 4, size, "size", "start");
  return figure(
    "Scaled dot-product attention",
    arrow([q, 322], [q, 291]), arrow([k, 322], [k, 291]), arrow([middle, 261], [middle, 241]),
    arrow([middle, 211], [middle, 191]), arrow([middle, 161], [middle, 141]),
    arrow([middle, 111], [middle, 79]), arrow([v, 322], [v, 79]), arrow([last, 49], [last, 28]),
    text(q, 340, "Q", "input query"), text(k, 340, "K", "input key"), text(v, 340, "V", "input value"),
    text(middle, 360, one, "size"), text(v, 360, one, "size"), text(last, 18, one, "size"),
    box({ x: middle, y: 276, width: 106, title: "MatMul", size: all, steps: ["dot"], kind: "purple" }), side(276, all, 210),
    box({ x: middle, y: 226, width: 106, title: "Scale", size: all, steps: ["scale"] }), side(226, `÷ √${K}`, 210),
    box({ x: middle, y: 126, width: 106, title: "SoftMax", size: all, steps: ["softmax"], kind: "purple" }), side(126, "rows sum to 1", 210),
    svg("g", { class: "absent" }, svg("rect", { x: middle - 53, y: 161, width: 106, height: 30, rx: 3 }), text(middle, 180.5, "Mask (opt.)", "name")),
    side(176, "not in a ViT", 210),
    box({ x: last, y: 64, width: 150, title: "MatMul", size: one, steps: ["mix"], kind: "green" }), side(64, "weights × V", 228),
  );
}

function multiHead({ T, D, H, K }) {
  const heads = Math.min(3, H);
  const [v, k, q] = [54, 130, 206];
  const row = `${T} × ${D}`;
  const linear = (x, kind, name) => box({ x, y: 276, width: 62, title: "Linear", size: `${name}: ${D} → ${K}, ${H} heads`, steps: ["project"], copies: heads, kind });
  const side = (y, size) => text(258, y + 4, size, "size", "start");
  return figure(
    "Multi-head attention",
    ...[v, k, q].map((x) => arrow([x, 322], [x, 291])),
    ...[v, k, q].map((x) => arrow([x, 251], [x, 215])),
    arrow([k, 175], [k, 151]), arrow([k, 121], [k, 95]), arrow([k, 65], [k, 34]),
    text(v, 340, "V", "input value"), text(k, 340, "K", "input key"), text(q, 340, "Q", "input query"),
    text(k, 24, row, "size"),
    linear(v, "green", "V"), linear(k, "vermilion", "K"), linear(q, "blue", "Q"), side(270, `${D} → ${K}`),
    box({ x: k, y: 200, width: 196, title: "Scaled dot-product attention", size: `${T} × ${K}, ${H} heads`, steps: ["dot", "scale", "softmax", "mix"], copies: heads, kind: "purple" }),
    side(194, `${H} heads`),
    box({ x: k, y: 136, width: 106, title: "Concat", size: `${T} × ${H * K}`, steps: ["concat"] }), side(136, `${H} · ${K} = ${H * K}`),
    box({ x: k, y: 80, width: 106, title: "Linear", size: `${H * K} → ${D}`, steps: ["output"] }), side(80, `${H * K} → ${D}`),
    inputBox({ x: k, row }),
  );
}

// in self-attention Q, K and V are one and the same input; the paper draws them apart
function inputBox({ x, row }) {
  const group = svg("g", { class: "box input-row", tabindex: 0, role: "link", "data-steps": "input", "aria-label": `One input, ${row}: go to this step` });
  group.append(svg("rect", { x: x - 100, y: 346, width: 200, height: 20, rx: 3 }), text(x, 360, `one input, ${row}`, "size"));
  return group;
}

/** Both drawings; `on` is {over(steps or null), open(step)}. As a map they are small, without words, for the pointer only. */
export class Figures {
  constructor(on, isMap = false) {
    this.isMap = isMap;
    this.element = document.createElement("div");
    this.element.className = isMap ? "drawings map" : "drawings";
    if (isMap) this.element.setAttribute("aria-hidden", "true");
    const stepsOf = (event) => event.target.closest?.(".box")?.dataset.steps.split(" ") ?? null;
    this.element.addEventListener("pointerover", (event) => on.over(stepsOf(event)));
    this.element.addEventListener("pointerleave", () => on.over(null));
    this.element.addEventListener("focusin", (event) => on.over(stepsOf(event)));
    this.element.addEventListener("focusout", () => on.over(null));
    const open = (event) => {
      const steps = stepsOf(event);
      if (steps) on.open(steps[0]);
      return steps !== null;
    };
    this.element.addEventListener("click", open);
    this.element.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && open(event)) event.preventDefault();
    });
  }

  setSizes(sizes) {
    this.element.replaceChildren(scaledDotProduct(sizes), multiHead(sizes));
    if (this.isMap) for (const group of this.element.querySelectorAll(".box")) group.removeAttribute("tabindex");
  }

  /** Light the boxes that stand for any of these steps; null for none. */
  light(steps) {
    for (const group of this.element.querySelectorAll(".box")) {
      const own = group.dataset.steps.split(" ");
      group.classList.toggle("lit", Boolean(steps?.some((step) => own.includes(step))));
    }
  }
}
