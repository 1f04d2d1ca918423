import attentionExplorer from "./explorer.js";
import { EmbeddedSource } from "../shared/route_source.js";
import { make } from "../shared/dom.js";
import { embeddedFacts, embeddedPayload } from "../shared/embedded.js";

// The entry of the self-contained page that vit_viz/components/notebook.py writes.

function show(blob) {
  const parentElement = document.getElementById("explorer");
  const data = { ...embeddedFacts(), openSource: () => new EmbeddedSource(blob) };
  const draw = () => attentionExplorer({ data, parentElement, setStateValue: () => {} });
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

// inside a notebook's frame: as high as the content, so that nothing scrolls twice
function fitFrame() {
  const frame = window.frameElement;
  if (!frame) return;
  new ResizeObserver(() => {
    frame.style.height = `${document.documentElement.scrollHeight}px`;
  }).observe(document.getElementById("explorer"));
}

if ("DecompressionStream" in globalThis) {
  embeddedPayload().then(show);
  fitFrame();
} else {
  const sentence = "This browser cannot unpack the attention. A current Firefox, Chrome, Edge or Safari can.";
  document.getElementById("explorer").append(make("p", { role: "alert" }, sentence));
}
