import { CompareView } from "./compare_view.js";
import { make } from "../shared/dom.js";

// one view per place on the page: Streamlit calls again on the same element
const views = new WeakMap();

/** The component's entry (Streamlit components v2). */
export default function compareExplorer({ data, parentElement, setStateValue }) {
  if (!views.has(parentElement)) {
    const root = make("div", { className: "compare" });
    parentElement.append(root);
    views.set(parentElement, new CompareView(root, (selection) => setStateValue("selection", selection)));
  }
  views.get(parentElement).update(data);
  return () => {
    const view = views.get(parentElement);
    view?.close();
    view?.root.remove();
    views.delete(parentElement);
  };
}
