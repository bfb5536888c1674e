import { existsSync, readFileSync, readdirSync } from "node:fs";

export const TAG_VARIABLE = "POOLWISE_ATTEMPT";

/** Every Linux that Node runs on counts CPU time for programs in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** A killed process is gone within a millisecond or so; later looks are for stubborn ones. */
const SWEEP_FIRST_PAUSE_MS = 1;
const SWEEP_PAUSE_MAX_MS = 20;
/** A process stuck in the kernel cannot be killed; a run must end all the same. */
const SWEEP_DEADLINE_MS = 2_000;

type TreeSample = {
  /** Resident memory of the tree now, and the largest high-water mark of one process in it. */
  residentKb: number;
  highWaterKb: number;
  cpuSeconds: number;
  /** Process id and start time (which together name one process for good) of each member. */
  members: Map<number, string>;
};

/** False where there is no /proc, or a kernel that does not list children. */
export function canReadTrees(): boolean {
  return existsSync(`/proc/self/task/${process.pid}/children`);
}

/** Measures the descendants of `root`; of `root` itself only the CPU time of children it has waited for. */
export function sampleTree(root: number, watchdog: number | null): TreeSample {
  const sample: TreeSample = { residentKb: 0, highWaterKb: 0, cpuSeconds: 0, members: new Map() };
  sample.cpuSeconds += readStat(root)?.waitedCpuSeconds ?? 0;
  const pending = childrenOf(root);
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    if (pid === watchdog || sample.members.has(pid)) continue;
    const stat = readStat(pid);
    if (stat === null) continue;
    sample.members.set(pid, stat.startTime);
    sample.cpuSeconds += stat.ownCpuSeconds + stat.waitedCpuSeconds;
    const status = readProc(`/proc/${pid}/status`) ?? "";
    sample.residentKb += kilobytes(status, "VmRSS");
    sample.highWaterKb = Math.max(sample.highWaterKb, kilobytes(status, "VmHWM"));
    pending.push(...childrenOf(pid));
  }
  return sample;
}

/** Ids of live processes whose environment carries the tag, whatever their parent, group or session. */
export function findTagged(tag: string): number[] {
  const entry = `${TAG_VARIABLE}=${tag}\0`;
  return allProcesses().filter((pid) => {
    const environment = pid === process.pid ? null : readProc(`/proc/${pid}/environ`);
    return environment !== null && (environment.startsWith(entry) || environment.includes(`\0${entry}`));
  });
}

/** Tagged processes that left the group they were started in (setsid). */
export function findEscaped(tag: string, group: number): number[] {
  return findTagged(tag).filter((pid) => readStat(pid)?.group !== group);
}

/** Kills what is left of an attempt until nothing is. `known` adds processes that may have dropped the tag. */
export async function killTagged(tag: string, known: ReadonlyMap<number, string> = new Map()): Promise<void> {
  const deadline = performance.now() + SWEEP_DEADLINE_MS;
  for (let pauseMs = SWEEP_FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, SWEEP_PAUSE_MAX_MS)) {
    const survivors = new Set([...findTagged(tag), ...aliveAmong(known)]);
    if (survivors.size === 0 || performance.now() > deadline) return;
    for (const pid of survivors) signalProcess(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** A negative id means the process group. A target that is already gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or no longer ours: nothing is left to do in either case.
  }
}

function aliveAmong(known: ReadonlyMap<number, string>): number[] {
  return [...known].filter(([pid, startTime]) => readStat(pid)?.startTime === startTime).map(([pid]) => pid);
}

type Stat = { group: number; startTime: string; ownCpuSeconds: number; waitedCpuSeconds: number };

/** Null for a process that is gone or a zombie, which uses nothing and cannot be killed. */
function readStat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field is the program's name in brackets and may contain anything, so count from its end.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null;
  const seconds = (index: number) => Number(fields[index] ?? 0) / TICKS_PER_SECOND;
  return {
    group: Number(fields[2]),
    startTime: fields[19] ?? "",
    ownCpuSeconds: seconds(11) + seconds(12),
    waitedCpuSeconds: seconds(13) + seconds(14),
  };
}

/** Children belong to the thread that started them, so every thread is asked. */
function childrenOf(pid: number): number[] {
  return listProc(`/proc/${pid}/task`).flatMap((thread) => {
    const text = readProc(`/proc/${pid}/task/${thread}/children`) ?? "";
    return text.split(" ").filter(Boolean).map(Number);
  });
}

function allProcesses(): number[] {
  return listProc("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function kilobytes(status: string, field: "VmRSS" | "VmHWM"): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status);
  return Number(match?.[1] ?? 0);
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // the process ended between two reads, or belongs to someone else
  }
}

function listProc(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // as above
  }
}
