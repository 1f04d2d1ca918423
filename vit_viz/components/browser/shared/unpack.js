// The reading end of vit_viz/components/payload.py, which describes the layout.

const MAGIC = "VVZ1";
const TYPES = {
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** ArrayBuffer or Uint8Array → {meta, arrays: {name: {values: typed array, shape}}}. */
export function unpack(blob) {
  // typed arrays need aligned offsets, which a view into somebody else's buffer cannot promise
  const buffer = blob instanceof ArrayBuffer ? blob : blob.slice().buffer;
  const bytes = new Uint8Array(buffer);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) throw new Error(`A payload begins with ${MAGIC}, not with ${JSON.stringify(magic)}.`);
  const start = 8 + new DataView(buffer).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const arrays = {};
  for (const [name, { dtype, shape, offset }] of Object.entries(header.arrays)) {
    const count = shape.reduce((product, size) => product * size, 1);
    arrays[name] = { values: new TYPES[dtype](buffer, start + offset, count), shape };
  }
  return { meta: header.meta, arrays };
}

/** base64 → bytes. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
