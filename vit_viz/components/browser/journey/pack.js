// The writing end of the layout that vit_viz/components/payload.py describes, for bytes only.

const ALIGNMENT = 8;
const padding = (length) => (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;

/** {name: Uint8Array} and meta → one Blob. */
export function pack(parts, meta) {
  const arrays = {};
  const body = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(parts)) {
    arrays[name] = { dtype: "uint8", shape: [bytes.length], offset };
    body.push(bytes, new Uint8Array(padding(bytes.length)));
    offset += bytes.length + padding(bytes.length);
  }
  const header = new TextEncoder().encode(JSON.stringify({ meta, arrays }));
  const spaces = new Uint8Array(padding(header.length)).fill(32);
  const start = new Uint8Array(8);
  start.set(new TextEncoder().encode("VVZ1"));
  new DataView(start.buffer).setUint32(4, header.length + spaces.length, true);
  return new Blob([start, header, spaces, ...body]);
}
