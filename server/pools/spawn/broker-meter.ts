import { canReadTrees, sampleTree } from "./broker-process-tree";

type Meter = {
  sample: () => void;
  stop: () => void;
  /** In MiB; null where it cannot be measured. */
  peakMemoryMb: () => number | null;
  /** Highest total seen; what ran between two looks is missing. Null where it cannot be measured. */
  cpuSeconds: () => number | null;
  /** Every process seen, with its start time. */
  members: () => ReadonlyMap<number, string>;
};

// Short programs are over in milliseconds; for long ones the kernel's own high-water mark fills the gaps.
const FIRST_PAUSES_MS = [5, 15];
const PAUSES_MS = [
  { untilMs: 500, pauseMs: 20 },
  { untilMs: 2_000, pauseMs: 50 },
  { untilMs: 10_000, pauseMs: 100 },
  { untilMs: Infinity, pauseMs: 250 },
];

/** Looks at the descendants of `root` at once and then ever less often until stopped. */
export function createMeter(root: number, watchdog: () => number | null): Meter {
  const readable = canReadTrees();
  const startedAt = performance.now();
  const members = new Map<number, string>();
  let peakKb = 0;
  let cpuSeconds = 0;
  let looks = 0;
  let timer: NodeJS.Timeout | undefined;

  function sample(): void {
    if (!readable) return;
    const seen = sampleTree(root, watchdog());
    for (const [pid, startTime] of seen.members) members.set(pid, startTime);
    peakKb = Math.max(peakKb, seen.residentKb, seen.highWaterKb);
    cpuSeconds = Math.max(cpuSeconds, seen.cpuSeconds);
  }

  function look(): void {
    sample();
    timer = setTimeout(look, FIRST_PAUSES_MS[looks++] ?? pauseAfter(performance.now() - startedAt));
  }

  if (readable) look();
  return {
    sample,
    stop: () => clearTimeout(timer),
    peakMemoryMb: () => (peakKb === 0 ? null : peakKb / 1024),
    cpuSeconds: () => (readable ? cpuSeconds : null),
    members: () => members,
  };
}

function pauseAfter(elapsedMs: number): number {
  return PAUSES_MS.find((step) => elapsedMs < step.untilMs)?.pauseMs ?? 250;
}
