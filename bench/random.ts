export type Random = {
  /** A whole number from 0 to `below` - 1. */
  below: (below: number) => number;
  pick: <T>(list: readonly T[]) => T;
};

/** The same seed gives the same numbers, so that every run measures the same input (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed;

  function below(limit: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  function pick<T>(list: readonly T[]): T {
    const chosen = list[below(list.length)];
    if (chosen === undefined) throw new Error("There is nothing to pick from.");
    return chosen;
  }

  return { below, pick };
}
