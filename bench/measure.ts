/** One line of the table: a figure of ours beside what the bare tool does in the same run. */
export type Measurement = {
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

type Comparison = Pick<Measurement, "what" | "unit" | "figure" | "raw" | "rawWhat"> & { note?: string };

/** True for the short run that only shows that a script works; its figures say little. */
export const isQuick = process.argv.includes("--quick");

/** Reports a figure where more is better. */
export function reportRate(comparison: Comparison): void {
  report(comparison, comparison.figure / comparison.raw);
}

/** Reports a figure where less is better. */
export function reportDuration(comparison: Comparison): void {
  report(comparison, comparison.raw / comparison.figure);
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

function report(comparison: Comparison, ratio: number): void {
  if (!Number.isFinite(ratio))
    throw new Error(`${comparison.what}: no ratio from ${comparison.figure} and ${comparison.raw}`);
  const measurement: Measurement = { note: "", ...comparison, ratio };
  process.stdout.write(`${JSON.stringify(measurement)}\n`);
}
