import { embeddedFacts, embeddedPayload } from "../shared/embedded.js";
import journey from "./journey.js";
import { EmbeddedParts } from "./source.js";

// The entry of the self-contained page that vit_viz/components/journey_export.py writes.

function show(blob) {
  const parentElement = document.getElementById("journey");
  const data = embeddedFacts();
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

embeddedPayload().then(show, () => {
  document.getElementById("journey").textContent =
    "This browser cannot unpack the journey. A current Firefox, Chrome, Edge or Safari can.";
});
