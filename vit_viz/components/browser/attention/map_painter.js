import { setText } from "../shared/dom.js";
import { formatWeight } from "../shared/numbers.js";
import { cssColor } from "../shared/ramps.js";
import { DECADES, sharedTop } from "../shared/tone.js";
import { WeightRows } from "../shared/weight_rows.js";

/**
 * Paints the maps of the explorer's parts: overview, photo, matrix.
 *
 * A scene is {choice, tokens, lines, arrays, ramps, data}: what is chosen, and what is known of the trace.
 */
export class MapPainter {
  #matrixPainted = null;

  constructor(parts) {
    this.parts = parts;
  }

  retheme(ramps) {
    this.forgetMatrix();
    const stops = Array.from({ length: 9 }, (_, i) => cssColor(ramps.attention[Math.round((i * 255) / 8)]));
    this.parts.legendBar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }

  /** Other maps are here: the matrix is no longer the one that was painted last. */
  forgetMatrix() {
    this.#matrixPainted = null;
  }

  overview({ choice, lines, ramps }) {
    const { scale, steps } = choice.state;
    this.parts.overview.paint(lines, { top: scale === "shared" ? lines.sharedTop : null, steps, ramps });
  }

  photo({ choice, lines, arrays, tokens, data, ramps }) {
    const { layer, head, scale, steps, overlay } = choice.state;
    const { stage } = this.parts;
    if (!arrays.maps.has(layer)) {
      stage.clear();
      return;
    }
    const weights = choice.isMean ? lines.mean(layer) : lines.line(layer, head);
    const own = choice.isMean
      ? largest(weights, tokens.numPrefix)
      : lines.tops[layer * data.num_heads + head];
    const top = scale === "shared" ? lines.sharedTop : own;
    stage.paint(weights, { top, steps, table: ramps[overlay], ramp: ramps.attention });
    this.#legend(top, choice);
  }

  // a mean's largest weight is known only approximately until its float32 rows arrive, so it is not printed
  #legend(top, { state: { steps, scale }, isMean }) {
    const own = scale === "own";
    const high = own ? (isMean ? "largest here" : `${formatWeight(top)}, largest here`) : `${top} and more`;
    const low =
      isMean && own ? "1/1000 of it" : own ? formatWeight(top / 10 ** DECADES) : String(top / 10 ** DECADES);
    setText(this.parts.legendLow, steps === "log" ? low : "0");
    setText(this.parts.legendHigh, high);
  }

  matrix({ choice, arrays: { maps, numbers }, tokens, ramps }) {
    const { layer, head, scale, steps } = choice.state;
    const { isBefore, isMean } = choice;
    const arrays = numbers?.arrays;
    const isHere = Boolean(isBefore ? arrays?.scores : isMean ? arrays?.attn : maps.has(layer));
    const drawn = [layer, choice.headName, isBefore, scale, steps, isHere].join();
    if (drawn === this.#matrixPainted) return;
    this.#matrixPainted = drawn;
    if (!isHere) this.parts.matrix.clear(ramps);
    else if (isBefore) this.#scores(arrays.scores.values, ramps);
    else {
      const rows = isMean
        ? WeightRows.of(arrays.attn.values, tokens.numTokens, tokens.numPrefix)
        : maps.matrix(layer, head);
      const top = scale === "shared" ? sharedTop(rows.scale) : null;
      this.parts.matrix.paintWeights(rows, { top, steps, ramps });
    }
  }

  #scores(scores, ramps) {
    const top = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    this.parts.matrix.paintScores(scores, { top, ramps });
  }
}

function largest(values, from) {
  let most = 0;
  for (let i = from; i < values.length; i += 1) most = Math.max(most, values[i]);
  return most;
}
