// What share of a row's scale a code stands for: fine for small weights, which a step of 1/255 would lose.
export const SHARES = Float32Array.from({ length: 256 }, (_, code) => (code / 255) ** 2);

/**
 * Rows of attention as they travel, for painting only (analysis.attention.QuantisedRows).
 *
 * codes   uint8 (rows, N): weight on a patch ≈ SHARES[code] · scale[row]
 * scale   float32 (rows,): the row's largest weight on a patch
 * prefix  float32 (rows, R): weights on the prefix tokens, exact
 */
export class WeightRows {
  constructor({ codes, scale, prefix }) {
    Object.assign(this, { codes, scale, prefix });
    this.numPatches = codes.length / scale.length;
    this.numPrefix = prefix.length / scale.length;
  }

  /** float32 attn (rows, R + N), quantised as Python does it. */
  static of(attn, numTokens, numPrefix) {
    const [count, numPatches] = [attn.length / numTokens, numTokens - numPrefix];
    const codes = new Uint8Array(count * numPatches);
    const [scale, prefix] = [new Float32Array(count), new Float32Array(count * numPrefix)];
    for (let row = 0; row < count; row += 1) {
      const weights = attn.subarray(row * numTokens, (row + 1) * numTokens);
      prefix.set(weights.subarray(0, numPrefix), row * numPrefix);
      const patches = weights.subarray(numPrefix);
      scale[row] = patches.reduce((a, b) => Math.max(a, b), 0);
      const factor = scale[row] > 0 ? 1 / scale[row] : 0;
      for (let i = 0; i < numPatches; i += 1) {
        codes[row * numPatches + i] = Math.round(255 * Math.sqrt(patches[i] * factor));
      }
    }
    return new WeightRows({ codes, scale, prefix });
  }

  at(row, token) {
    const { numPatches: N, numPrefix: R } = this;
    return token < R ? this.prefix[row * R + token] : SHARES[this.codes[row * N + token - R]] * this.scale[row];
  }

  /** All weights of one row, written into `out` from `start`. */
  read(row, out, start = 0) {
    for (let token = 0; token < this.numPrefix + this.numPatches; token += 1) {
      out[start + token] = this.at(row, token);
    }
  }

  largest(row) {
    const R = this.numPrefix;
    return this.prefix.subarray(row * R, (row + 1) * R).reduce((a, b) => Math.max(a, b), this.scale[row]);
  }

  /** Rows from … to − 1, on the same memory. */
  slice(from, to) {
    const part = (values, width) => values.subarray(from * width, to * width);
    return new WeightRows({
      codes: part(this.codes, this.numPatches),
      scale: part(this.scale, 1),
      prefix: part(this.prefix, this.numPrefix),
    });
  }
}
