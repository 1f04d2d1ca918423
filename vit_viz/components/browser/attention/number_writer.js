import { setText } from "../shared/dom.js";
import { column } from "../shared/measures.js";
import { capital, cellText, speech, verb, weightText, where } from "../shared/wording.js";
import { byHand } from "../shared/hand_words.js";

const SPEAK_AFTER = 400;

/**
 * Writes what the explorer's parts say in words and numbers, and marks the tokens they are about.
 *
 * Numbers are float32 of the chosen head and may be on their way; a scene is map_painter.js's.
 */
export class NumberWriter {
  #speech = null;
  #drawn = null;
  #ramps = null;

  constructor(parts) {
    this.parts = parts;
  }

  close() {
    clearTimeout(this.#speech);
  }

  controls({ choice, tokens, data: { depth, num_heads: numHeads } }) {
    const { layer, head, direction, heads, overlay, scale, steps, matrix } = choice.state;
    this.parts.layer.set({ value: layer, count: depth });
    this.parts.head.set({
      value: head,
      count: numHeads,
      disabled: choice.isMean || numHeads === 1,
      text: choice.isMean ? "mean" : undefined,
    });
    this.parts.direction.set(direction);
    for (const [name, value] of Object.entries({ heads, overlay, scale, steps, matrix })) {
      this.parts.options[name].set(value);
    }
    const stage = choice.isBefore ? "before the softmax" : "after the softmax";
    setText(this.parts.matrixTitle, `${capital(where(choice.state))}, ${stage}`);
    const ofPrefix = direction === "to" ? "share of the weight on" : "weight from";
    setText(this.parts.prefixNote, tokens.numPrefix > 0 ? `Orange: ${ofPrefix} ${tokens.prefixTitle}.` : "");
  }

  marks(scene) {
    const { choice, tokens } = scene;
    const { current: token, target } = choice;
    const { pinned, layer, head, direction } = choice.state;
    const doing = `${verb(direction)} these`;
    const description = `${capital(tokens.spoken(token))} ${doing}, ${where(choice.state)}`;
    this.parts.stage.mark({ token, target, pinned, description });
    this.parts.overview.mark({ layer, head: choice.isMean ? null : head, description });
    this.parts.matrix.mark({
      ...choice.cellOf(token, target),
      description: `${tokens.spoken(token)} ${doing}.`,
    });
    setText(
      this.parts.caption,
      `${capital(tokens.label(token))} ${verb(direction)} · ${where(choice.state)}`,
    );
    this.#detail(scene);
  }

  #detail(scene) {
    const { choice, tokens, arrays } = scene;
    const { target, cell } = choice;
    const { pinned, direction } = choice.state;
    const hint = byHand(
      pinned
        ? "Pinned: move to read weights, click it again to let go."
        : "Move to look, click to pin, arrows to walk.",
    );
    const weights = target === null ? null : weightsOf(scene, choice.current);
    setText(this.parts.detail, weights ? weightText(weights, target, { tokens, direction }) : hint);
    setText(
      this.parts.cell,
      cell
        ? cellText(cell, arrays.numbers?.arrays, { tokens, before: choice.isBefore })
        : byHand("Move over the matrix to read a cell, click to open its arithmetic."),
    );
  }

  numbers(scene) {
    const { choice, tokens, arrays } = scene;
    const token = choice.current;
    const weights = weightsOf(scene, token);
    this.parts.readouts.write(weights, {
      tokens,
      token,
      direction: choice.state.direction,
      note: arrays.numbers?.note ?? "",
    });
    this.parts.stage.writeTiles(weights);
    this.#detail(scene);
    this.#table(scene);
    this.#arithmetic(scene);
  }

  #table(scene) {
    const { choice, tokens, data } = scene;
    const { token, direction } = choice.state;
    const title = `What ${tokens.spoken(token)} ${verb(direction)}, ${where(choice.state)}`;
    const key = `${data.trace_id} ${title}`;
    this.parts.table.write(weightsOf(scene, token), { tokens, title, key });
  }

  #arithmetic({ choice, tokens, arrays: { numbers }, data, ramps }) {
    const { cell } = choice.state;
    const { arrays, note } = numbers ?? {};
    const { arithmetic } = this.parts;
    const title = where(choice.state);
    const drawn = [cell?.query, cell?.key, title, Boolean(arrays), data.trace_id].join();
    if (drawn === this.#drawn && ramps === this.#ramps) return;
    this.#drawn = drawn;
    this.#ramps = ramps;
    if (!cell) arithmetic.invite();
    else if (choice.isMean)
      arithmetic.invite("A mean has no query and key of its own: choose one head under More.");
    else if (!arrays) arithmetic.invite(note || "Fetching q and k …");
    else arithmetic.write(arrays, { cell, tokens, title, ramps });
  }

  /** Say aloud what is chosen, once the reader rests. */
  speak(scene) {
    clearTimeout(this.#speech);
    this.#speech = setTimeout(() => {
      const { choice, tokens } = scene;
      const { token, cell } = choice.state;
      const weights = weightsOf(scene, token);
      const other = cell && choice.otherEnd(cell);
      if (weights) setText(this.parts.live, speech(weights, { tokens, token, other, state: choice.state }));
    }, SPEAK_AFTER);
  }
}

/** Float32 weights (T,) of a token's row or column; null while they are on their way. */
function weightsOf({ choice, tokens, arrays }, token) {
  if (!arrays.numbers?.arrays) return null;
  const { values } = arrays.numbers.arrays.attn;
  const T = tokens.numTokens;
  return choice.state.direction === "to"
    ? values.subarray(token * T, (token + 1) * T)
    : column(values, T, token);
}
