/** The index that is nearest among 0 … count − 1. */
export const within = (index, count) => Math.max(0, Math.min(count - 1, index));

/** Which of `count` equal parts a share of the whole lies in; at its edges, and beyond them, the first or the last. */
export const partAt = (share, count) => within(Math.floor(share * count), count);
