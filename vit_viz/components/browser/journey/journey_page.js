import journey from "./journey.js";
import { EmbeddedParts } from "./source.js";

// The entry of the self-contained page that vit_viz/components/journey_export.py writes.

async function payload() {
  const packed = Uint8Array.from(atob(document.getElementById("payload").textContent), (sign) =>
    sign.charCodeAt(0),
  );
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function show(blob) {
  const parentElement = document.getElementById("journey");
  const data = JSON.parse(document.getElementById("facts").textContent);
  const nobody = () => {};
  const draw = () =>
    journey({
      data,
      parentElement,
      setStateValue: nobody,
      setTriggerValue: nobody,
      openSource: () => new EmbeddedParts(blob),
    });
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

payload().then(show, () => {
  document.getElementById("journey").textContent =
    "This browser cannot unpack the journey. A current Firefox, Chrome, Edge or Safari can.";
});
