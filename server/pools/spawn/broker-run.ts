import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { setPriority } from "node:os";
import type { Readable } from "node:stream";
import { findExecutable } from "./broker-executable";
import { createMeter } from "./broker-meter";
import { createCappedOutput } from "./broker-output";
import { TAG_VARIABLE, findEscaped, findTagged, killTagged, signalProcess } from "./broker-process-tree";
import { WRAPPER, endOf, parseReport } from "./broker-wrapper";
import type { SpawnRequest, SpawnResult } from "./protocol";

type RunEvents = {
  onStarted: (pid: number) => void;
  onOutput: (chunk: Uint8Array) => void;
  /** Called once, last. */
  onExit: (result: SpawnResult) => void;
};

export type Run = {
  /** SIGTERM, a grace, SIGKILL. Calling it again changes nothing. */
  stop: () => void;
  /** SIGKILL at once; resolves when no process of the run is left. */
  destroy: () => Promise<void>;
};

const STOP_GRACE_MS = 300;
const GRACE_POLL_MS = 10;
/** How long output already written may take to arrive once every process is gone. */
const DRAIN_MS = 200;
/** A program stuck in the kernel may never be reaped; its run is given up. */
const GIVE_UP_MS = 5_000;

/** Starts a program; whatever goes wrong arrives at `onExit` as a result, nothing is thrown. */
export function startRun(request: SpawnRequest, events: RunEvents): Run {
  const startedAt = performance.now();
  const started = start(request);
  if ("problem" in started) {
    // Later, as for any other run, so that the caller has the run in hand when it ends.
    queueMicrotask(() => events.onExit(neverRan(started.problem)));
    return { stop: () => undefined, destroy: () => Promise.resolve() };
  }
  events.onStarted(started.pid);
  return watch({ ...started, request, events, startedAt });
}

function start(request: SpawnRequest): { child: ChildProcess; pid: number } | { problem: string } {
  const { argv, cwd, env } = request;
  if (!isFolder(cwd)) return { problem: `the folder to run in does not exist: ${cwd}` };
  const [name = "", ...args] = argv;
  // The shell below would run a builtin of that name, so it gets a path, never a name.
  const program = findExecutable(name, { path: env.PATH ?? "", cwd });
  if (program === null) return { problem: `the program '${name}' is not installed or may not be executed` };
  try {
    const child = spawn("/bin/sh", ["-c", WRAPPER, "sh", program, ...args], {
      cwd,
      // Next's types demand a NODE_ENV, which is the one thing a program must not inherit from the server.
      env: { ...env, [TAG_VARIABLE]: request.tag } as unknown as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A session and process group of its own, so that one signal reaches all of it.
      detached: true,
    });
    child.once("error", () => undefined); // reported below: there is no process id then
    if (child.pid === undefined) return { problem: "the system could not start another process" };
    setNice(child.pid, request.nice);
    return { child, pid: child.pid };
  } catch (error) {
    return { problem: `the program '${name}' could not be started: ${reasonOf(error)}` };
  }
}

type Started = {
  child: ChildProcess;
  pid: number;
  request: SpawnRequest;
  events: RunEvents;
  startedAt: number;
};

function watch({ child, pid, request, events, startedAt }: Started): Run {
  const output = createCappedOutput(request.outputLimitBytes, events.onOutput);
  child.stdout?.on("data", output.push);
  const report = collectText(child.stderr);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  // Pipes break when processes are killed; how the run ended is told by its exit.
  for (const stream of child.stdio) stream?.on("error", () => undefined);
  const meter = createMeter(pid, () => parseReport(report()).watchdog);
  let stopping: Promise<void> | undefined;
  let settled: Promise<void> | undefined;
  let destroyed: Promise<void> | undefined;

  async function settle(code: number | null, signal: string | null): Promise<void> {
    const durationSeconds = (performance.now() - startedAt) / 1000;
    meter.stop();
    await stopping;
    await destroy();
    await Promise.race([closed, pause(DRAIN_MS)]);
    for (const stream of child.stdio) stream?.destroy();
    const said = parseReport(report());
    events.onExit({
      ...endOf(code, signal, said.shellSaid),
      cpuTimeSeconds: highest(said.cpuSeconds, meter.cpuSeconds()),
      peakMemoryMb: meter.peakMemoryMb(),
      durationSeconds,
      ...output.finish(),
      spawnError: null,
    });
  }

  function destroy(): Promise<void> {
    // The watchdog outlives the program, so the group exists until the first call and no longer.
    destroyed ??= killGroup();
    return destroyed;
  }

  function killGroup(): Promise<void> {
    signalProcess(-pid, "SIGKILL");
    return killTagged(request.tag, meter.members());
  }

  async function stop(): Promise<void> {
    if (settled !== undefined) return;
    meter.sample();
    await stopGroup({ child, pid, tag: request.tag, watchdog: parseReport(report()).watchdog });
    setTimeout(() => end(null, "SIGKILL"), GIVE_UP_MS).unref();
  }

  function end(code: number | null, signal: string | null): void {
    settled ??= settle(code, signal);
  }

  child.once("exit", end);
  return { stop: () => void (stopping ??= stop()), destroy };
}

type Group = { child: ChildProcess; pid: number; tag: string; watchdog: number | null };

/** Asks all of it to end, waits until it has or the grace is over, and kills the rest. */
async function stopGroup({ child, pid, tag, watchdog }: Group): Promise<void> {
  const alive = () =>
    (child.exitCode === null && child.signalCode === null) ||
    findTagged(tag).some((other) => other !== pid && other !== watchdog);
  signalProcess(-pid, "SIGTERM");
  for (const escaped of findEscaped(tag, pid)) signalProcess(escaped, "SIGTERM");
  const deadline = performance.now() + STOP_GRACE_MS;
  while (alive() && performance.now() < deadline) await pause(GRACE_POLL_MS);
  signalProcess(-pid, "SIGKILL");
}

function neverRan(problem: string): SpawnResult {
  return {
    exitCode: null,
    signal: null,
    cpuTimeSeconds: null,
    peakMemoryMb: null,
    durationSeconds: 0,
    outputBytes: 0,
    truncatedBytes: 0,
    spawnError: problem,
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function setNice(pid: number, nice: number | undefined): void {
  if (nice === undefined) return;
  try {
    setPriority(pid, nice);
  } catch {
    // Only root may raise a priority; the program runs at the usual one then.
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "E2BIG"
    ? "its arguments are too long for this system"
    : error.message;
}

function collectText(stream: Readable | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return () => text;
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
