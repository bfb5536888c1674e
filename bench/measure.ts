/** One line of the table: a figure of ours beside what the bare tool does in the same run. */
type Measurement = {
  what: string;
  unit: string;
  figure: number;
  /** What the bare tool did, in the same unit. */
  raw: number;
  rawWhat: string;
  /** Share of the bare tool's speed: 1 is as fast, 0.5 takes twice as long. */
  ratio: number;
  note: string;
};

export type Comparison = Pick<Measurement, "what" | "unit" | "rawWhat"> & {
  /** What was measured, one value per round. */
  figures: readonly number[];
  /** The bare tool's values, of the same rounds where there are as many. */
  raws: readonly number[];
  note?: string;
};

/** True for the short run that only shows that a script works; its figures say little. */
export const isQuick = process.argv.includes("--quick");

/** Reports figures where more is better. */
export function reportRate(comparison: Comparison): void {
  report(comparison, (figure, raw) => figure / raw);
}

/** Reports figures where less is better. */
export function reportDuration(comparison: Comparison): void {
  report(comparison, (figure, raw) => raw / figure);
}

/** What is going on, for the person who waits. Standard output carries the measurements alone. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** Milliseconds that a job took. */
export async function timed(job: () => unknown): Promise<number> {
  const started = performance.now();
  await job();
  return performance.now() - started;
}

/**
 * Runs the jobs in turn, `rounds` times each, so that what else the machine does falls on all of them alike; a first
 * round warms up and does not count. Returns what each measured.
 */
export async function alternate<K extends string>(
  rounds: number,
  jobs: Record<K, () => Promise<number>>,
  { warmUp = true }: { warmUp?: boolean } = {},
): Promise<Record<K, number[]>> {
  const names = Object.keys(jobs) as K[];
  const measured = Object.fromEntries(names.map((name): [K, number[]] => [name, []])) as Record<K, number[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    for (const name of names) {
      const value = await jobs[name]();
      if (round >= 0) measured[name].push(value);
    }
  }
  return measured;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank: always a value that was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("Nothing was measured.");
  return value;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function report(
  { figures, raws, note = "", ...what }: Comparison,
  compare: (a: number, b: number) => number,
): void {
  const figure = median(figures);
  const raw = median(raws);
  // Values of one round met the same machine: their ratios vary less than the ratio of the medians.
  const isPaired = figures.length === raws.length;
  const ratio = isPaired
    ? median(figures.map((value, round) => compare(value, raws[round] ?? raw)))
    : compare(figure, raw);
  if (!Number.isFinite(ratio)) throw new Error(`${what.what}: no ratio from ${figure} and ${raw}`);
  process.stdout.write(`${JSON.stringify({ ...what, figure, raw, ratio, note } satisfies Measurement)}\n`);
}
