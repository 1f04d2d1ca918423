import { RouteSource } from "../shared/route_source.js";

/** What the page Query, key, value needs of one trace. */
export class QkvSource {
  constructor({ routes, traceId }) {
    this.source = new RouteSource({ routes, traceId });
  }

  async photo() {
    return createImageBitmap(await this.source.photo());
  }

  /** q, k, v (T, K), scores, attn (T, T) of a head; normed (T, D), concat (T, H·K), projected (T, D) of its layer. */
  async arrays(layer, head) {
    const [ofHead, ofLayer] = await Promise.all([this.source.head(layer, head), this.source.projections(layer)]);
    return { ...ofHead.arrays, ...ofLayer.arrays };
  }

  close() {
    this.source.close();
  }
}
