import { RouteSource } from "../shared/route_source.js";
import { make } from "../shared/dom.js";
import { Explorer } from "./explorer.js";

// one explorer per place on the page: Streamlit calls again on the same element
const explorers = new WeakMap();

const openRoute = (data) =>
  new RouteSource({ routes: data.routes, traceId: data.trace_id, version: data.version });

/** The component's entry (Streamlit components v2); `openSource` lets a notebook bring its own data. */
export default function attentionExplorer({ data, parentElement, setStateValue, openSource = openRoute }) {
  const lacking = lackingFeature();
  if (lacking) {
    const sentence = `This browser has no ${lacking}, which the attention explorer needs. A current Firefox, Chrome, Edge or Safari has it.`;
    parentElement.replaceChildren(make("p", { className: "problem", role: "alert" }, sentence));
    return undefined;
  }
  if (!explorers.has(parentElement)) {
    const root = make("div", { className: "explorer" });
    parentElement.append(root);
    explorers.set(parentElement, new Explorer(root, (selection) => setStateValue("selection", selection)));
  }
  explorers.get(parentElement).update(data, openSource);
  return () => {
    const explorer = explorers.get(parentElement);
    explorer?.close();
    explorer?.root.remove();
    explorers.delete(parentElement);
  };
}

function lackingFeature() {
  const needed = {
    "canvas pictures": "createImageBitmap",
    "binary streams": "ReadableStream",
    "pointer events": "PointerEvent",
  };
  return Object.keys(needed).find((name) => !(needed[name] in globalThis));
}
