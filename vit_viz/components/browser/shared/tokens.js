import { isChord } from "./keys.js";
import { partAt } from "./within.js";

/**
 * Where tokens stand: R prefix tokens first, then N patches in reading order.
 * Tokens, rows and columns count from 0 here; what the reader sees counts rows and columns from 1.
 */
export class TokenGrid {
  /** grid [rows, cols] in patches, patchSize [height, width] in pixels, one name per prefix token. */
  constructor({ grid, patchSize, prefixNames }) {
    [this.rows, this.cols] = grid;
    [this.patchHeight, this.patchWidth] = patchSize;
    this.prefixNames = prefixNames;
    this.numPrefix = prefixNames.length;
    this.numPatches = this.rows * this.cols;
    this.numTokens = this.numPrefix + this.numPatches;
  }

  /** What the prefix tokens are called together. */
  get prefixTitle() {
    return this.numPrefix === 1 ? this.prefixNames[0] : `the ${this.numPrefix} prefix tokens`;
  }

  isPrefix(token) {
    return token < this.numPrefix;
  }

  row(token) {
    return Math.floor((token - this.numPrefix) / this.cols);
  }

  col(token) {
    return (token - this.numPrefix) % this.cols;
  }

  at(row, col) {
    return this.numPrefix + row * this.cols + col;
  }

  /** The patch under a place on the photo, given as shares of its width and height. */
  under([x, y]) {
    return this.at(partAt(y, this.rows), partAt(x, this.cols));
  }

  label(token) {
    return this.isPrefix(token)
      ? this.prefixNames[token]
      : `patch (${this.row(token) + 1}, ${this.col(token) + 1})`;
  }

  spoken(token) {
    if (this.isPrefix(token)) return `${this.prefixNames[token]} token`;
    return `patch in row ${this.row(token) + 1}, column ${this.col(token) + 1}`;
  }

  /** Pixels between the centres of two patches. */
  distance(a, b) {
    const y = (this.row(a) - this.row(b)) * this.patchHeight;
    const x = (this.col(a) - this.col(b)) * this.patchWidth;
    return Math.hypot(y, x);
  }

  /** The token that an arrow key leads to; the prefix tiles stand in a column left of the photo. */
  walk(token, key) {
    return this.isPrefix(token) ? this.#walkPrefix(token, key) : this.#walkPatch(token, key);
  }

  #walkPrefix(token, key) {
    if (key === "ArrowUp" || key === "Home") return key === "Home" ? 0 : Math.max(0, token - 1);
    if (key === "ArrowDown") return Math.min(this.numPrefix - 1, token + 1);
    if (key === "ArrowRight") return this.at(Math.min(token, this.rows - 1), 0);
    if (key === "End") return this.at(Math.min(token, this.rows - 1), this.cols - 1);
    return token;
  }

  #walkPatch(token, key) {
    const [row, col] = [this.row(token), this.col(token)];
    if (key === "ArrowUp") return this.at(Math.max(0, row - 1), col);
    if (key === "ArrowDown") return this.at(Math.min(this.rows - 1, row + 1), col);
    if (key === "ArrowRight") return this.at(row, Math.min(this.cols - 1, col + 1));
    if (key === "Home") return this.at(row, 0);
    if (key === "End") return this.at(row, this.cols - 1);
    if (key !== "ArrowLeft") return token;
    if (col > 0) return token - 1;
    return this.numPrefix > 0 ? Math.min(row, this.numPrefix - 1) : token;
  }
}

const WALKING_KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/** Whether a key press is one that `walk` knows, and not the browser's own. */
export const isWalk = (event) => WALKING_KEYS.has(event.key) && !isChord(event);
