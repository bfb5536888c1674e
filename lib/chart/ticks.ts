/** Multiples that people read as round. */
const STEPS = [1, 2, 2.5, 5, 10] as const;

export type Scale = { max: number; ticks: number[] };

/** A scale from zero with at most `most` round steps that reaches the value. Counts step by whole numbers. */
export function scaleFromZero(value: number, options: { most?: number; whole?: boolean } = {}): Scale {
  const most = options.most ?? 4;
  const least = options.whole === true ? 1 : 0;
  const needed = Math.max(value / most, least, Number.MIN_VALUE);
  const step = value <= 0 ? 1 : roundUp(needed, options.whole === true);
  const steps = Math.max(1, Math.ceil(value / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
  return { max: ticks.at(-1) ?? step, ticks };
}

function roundUp(value: number, whole: boolean): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const fits = (step: number) => step * magnitude >= value * (1 - 1e-9);
  const isWhole = (step: number) => !whole || Number.isInteger(step * magnitude);
  const step = STEPS.find((candidate) => fits(candidate) && isWhole(candidate)) ?? 10;
  return step * magnitude;
}

/** Every n-th item so that at most `most` remain, counted from the last: the newest is always labelled. */
export function thinOut<T>(items: readonly T[], most: number): T[] {
  const every = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, index) => (items.length - 1 - index) % every === 0);
}
