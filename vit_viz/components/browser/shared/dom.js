/** Make an element: properties by name, attributes where the name has a dash or is `role`; children are nodes or text. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

export const SVG = "http://www.w3.org/2000/svg";

/** Make an element of a drawing; children are nodes or text. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Set all `attributes` by name. */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/** Set text only where it changed: an unchanged live region must not speak again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Hand a Blob to the reader as a file. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  // the browser reads the blob after the click has been handled
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Make or drop `parts` until there are `count` in `parent`: what stays is not touched and keeps the focus. */
export function keepCount(parts, count, parent, create) {
  while (parts.length > count) parts.pop().element.remove();
  while (parts.length < count) {
    parts.push(create(parts.length));
    parent.append(parts.at(-1).element);
  }
}

/**
 * Where in an element an event is, as shares of its width and height. The element is measured once a frame:
 * measuring again after something was written would lay the page out in the middle of the handler.
 */
export class ScreenBox {
  #box = null;

  constructor(element) {
    this.element = element;
  }

  shares(event) {
    if (!this.#box) {
      this.#box = this.element.getBoundingClientRect();
      requestAnimationFrame(() => {
        this.#box = null;
      });
    }
    const { left, top, width, height } = this.#box;
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }
}

/** A canvas that is painted pixel by pixel and scaled by CSS: `pixels` holds one word a pixel. */
export class PixelCanvas {
  constructor(className) {
    this.element = make("canvas", { className, width: 1, height: 1 });
    this.context = this.element.getContext("2d");
    if (!this.context) throw new Error("This browser gives no canvas to draw on.");
    this.resize(1, 1);
  }

  resize(width, height) {
    if (this.image?.width === width && this.image.height === height) return;
    Object.assign(this.element, { width, height });
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  show() {
    this.context.putImageData(this.image, 0, 0);
  }
}
