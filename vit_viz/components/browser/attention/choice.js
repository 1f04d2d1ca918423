import { within } from "../shared/within.js";

const MEAN = "mean";

/**
 * What the reader looks at: layer, head, token, how it is drawn, and what the pointer is over meanwhile.
 *
 * A cell is {query, key}. In direction "to" the current token is the query, in direction "by" the key.
 */
export class Choice {
  state = {
    token: 0,
    layer: 0,
    head: 0,
    pinned: false,
    cell: null,
    direction: "to",
    overlay: "heat",
    scale: "shared",
    steps: "linear",
    heads: "one",
    matrix: "after",
  };
  hovered = null;
  hoveredCell = null;

  /** Another trace: nothing is pointed at, and the selection is brought within its sizes. */
  start(sizes, selection) {
    Object.assign(this, { sizes, hovered: null, hoveredCell: null });
    Object.assign(this.state, selection, this.fitted(selection), { cell: null });
  }

  fitted({ token, layer, head }) {
    const { numTokens, depth, numHeads } = this.sizes;
    return { token: within(token, numTokens), layer: within(layer, depth), head: within(head, numHeads) };
  }

  get isMean() {
    return this.state.heads === "mean";
  }

  /** The head whose numbers are on screen. */
  get headName() {
    return this.isMean ? MEAN : this.state.head;
  }

  /** Whether scores are drawn; a mean has none of its own. */
  get isBefore() {
    return this.state.matrix === "before" && !this.isMean;
  }

  /** The token that is drawn: the one below the pointer, unless one is pinned. */
  get current() {
    if (this.hoveredCell) return this.end(this.hoveredCell);
    return this.state.pinned || this.hovered === null ? this.state.token : this.hovered;
  }

  /** The token whose weight is read, or null. */
  get target() {
    const isOpen = this.hovered === null || !this.state.pinned;
    const cell = this.hoveredCell ?? (isOpen ? this.state.cell : null);
    if (cell) return this.otherEnd(cell);
    return this.state.pinned ? this.hovered : null;
  }

  /** The cell that is read: below the pointer, or open. */
  get cell() {
    return this.hoveredCell ?? this.state.cell;
  }

  /** Where the matrix's cross-hair rests. */
  get cross() {
    return this.state.cell ?? this.cellOf(this.state.token, this.state.token);
  }

  /** The cross-hair moved by some rows and columns, within the matrix. */
  stepped(queries, keys) {
    const { numTokens } = this.sizes;
    const { query, key } = this.cross;
    return { query: within(query + queries, numTokens), key: within(key + keys, numTokens) };
  }

  cellOf(token, other) {
    return this.state.direction === "to" ? { query: token, key: other } : { query: other, key: token };
  }

  end(cell, direction = this.state.direction) {
    return direction === "to" ? cell.query : cell.key;
  }

  otherEnd(cell) {
    return this.state.direction === "to" ? cell.key : cell.query;
  }
}
