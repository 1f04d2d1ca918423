import { make } from "../shared/dom.js";
import { QkvView } from "./qkv_view.js";

// one view per place on the page: Streamlit calls again on the same element
const views = new WeakMap();
const NEEDED = { "canvas pictures": "createImageBitmap", "size observers": "ResizeObserver", "pointer events": "PointerEvent" };

/** The component's entry (Streamlit components v2). */
export default function qkvExplorer({ data, parentElement, setStateValue }) {
  const lacking = Object.keys(NEEDED).find((name) => !(NEEDED[name] in globalThis));
  if (lacking) {
    const sentence = `This browser has no ${lacking}, which this picture needs. A current Firefox, Chrome, Edge or Safari has it.`;
    parentElement.replaceChildren(make("p", { className: "problem", role: "alert" }, sentence));
    return undefined;
  }
  if (!views.has(parentElement)) {
    const root = make("div", { className: "qkv" });
    parentElement.append(root);
    views.set(parentElement, new QkvView(root, (selection) => setStateValue("selection", selection)));
  }
  views.get(parentElement).update(data);
  return () => {
    const view = views.get(parentElement);
    view?.close();
    view?.root.remove();
    views.delete(parentElement);
  };
}
