// What vit_viz/components/single_page.py wrote into a page that needs nothing else.

import { fromBase64 } from "./unpack.js";

export const embeddedFacts = () => JSON.parse(document.getElementById("facts").textContent);

/** The payload, unpacked from gzip; needs DecompressionStream. */
export async function embeddedPayload() {
  const packed = fromBase64(document.getElementById("payload").textContent);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
