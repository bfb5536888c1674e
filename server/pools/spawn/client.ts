import "server-only";
import { fork } from "node:child_process";
import { messageOf } from "@/lib/errors";
import { killTagged } from "./broker-process-tree";
import type { FromBroker, SpawnRequest, SpawnResult, ToBroker } from "./protocol";

export type SpawnOptions = {
  /** Aborting stops the whole process tree; the run still resolves, with what was measured. */
  signal: AbortSignal;
  onOutput: (chunk: Uint8Array) => void;
  onStarted?: (pid: number) => void;
};

export type Spawner = {
  /** Process id of the broker; null while none runs. */
  readonly brokerPid: number | null;
  /** Never rejects and never hangs: whatever happens to the program or the broker is in the result. */
  run: (request: SpawnRequest, options: SpawnOptions) => Promise<SpawnResult>;
  /** Ends every run and the broker. */
  close: () => Promise<void>;
};

type Logger = {
  warn: (fields: object, message: string) => void;
};

type ActiveRun = {
  request: SpawnRequest;
  options: SpawnOptions;
  startedAt: number;
  resolve: (result: SpawnResult) => void;
};

type Broker = {
  readonly pid: number | null;
  readonly usable: boolean;
  send: (message: ToBroker) => void;
  runs: Map<string, ActiveRun>;
  /** Resolves when the process has ended and every run of it has been answered. */
  gone: Promise<void>;
  disconnect: () => void;
  kill: () => void;
};

const CLOSE_GRACE_MS = 5_000;

/** Starts the broker at once, so call it before the process grows; starts another when that one dies. */
export function createSpawner({ brokerPath, logger }: { brokerPath: string; logger: Logger }): Spawner {
  let closed = false;
  let lastId = 0;
  let broker = startBroker();

  function startBroker(): Broker {
    return forkBroker(brokerPath, (reason) => {
      if (!closed) logger.warn({ reason }, "the process broker ended; the next run starts another");
    });
  }

  function run(request: SpawnRequest, options: SpawnOptions): Promise<SpawnResult> {
    if (closed) return Promise.resolve(lost("the server is shutting down", 0));
    if (options.signal.aborted) return Promise.resolve(lost("it was stopped before it started", 0));
    if (!broker.usable) broker = startBroker();
    const { runs, send } = broker;
    const id = String(++lastId);
    const stop = () => send({ type: "stop", id });
    options.signal.addEventListener("abort", stop, { once: true });
    return new Promise<SpawnResult>((resolve) => {
      runs.set(id, { request, options, startedAt: performance.now(), resolve });
      send({ type: "run", id, request });
    }).finally(() => options.signal.removeEventListener("abort", stop));
  }

  async function close(): Promise<void> {
    closed = true;
    broker.disconnect();
    const deadline = setTimeout(broker.kill, CLOSE_GRACE_MS);
    await broker.gone;
    clearTimeout(deadline);
  }

  return {
    get brokerPid() {
      return broker.usable ? broker.pid : null;
    },
    run,
    close,
  };
}

function forkBroker(brokerPath: string, onGone: (reason: string) => void): Broker {
  const runs = new Map<string, ActiveRun>();
  const child = fork(brokerPath, [], {
    serialization: "advanced",
    // Neither the server's debugger port nor its secrets are the broker's business.
    execArgv: [],
    env: { PATH: process.env.PATH, NODE_ENV: "production", POOLWISE_UMASK: process.env.POOLWISE_UMASK },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let over = false;
  const gone = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      if (over) return;
      over = true;
      onGone(reason);
      void abandon(runs, reason).then(resolve);
    };
    child.once("error", (error) => end(messageOf(error)));
    child.once("exit", (code, signal) => end(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
  child.on("message", (message) => {
    if (isFromBroker(message)) deliver(runs, message);
  });
  return {
    pid: child.pid ?? null,
    get usable() {
      return !over && child.connected;
    },
    // A message that cannot be sent means that the broker is ending; its end answers the run.
    send: (message) => void child.send(message, () => undefined),
    runs,
    gone,
    disconnect: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => child.kill("SIGKILL"),
  };
}

function deliver(runs: Map<string, ActiveRun>, message: FromBroker): void {
  const run = runs.get(message.id);
  if (run === undefined) return;
  if (message.type === "output") return run.options.onOutput(message.chunk);
  if (message.type === "started") return run.options.onStarted?.(message.pid);
  runs.delete(message.id);
  run.resolve(message.result);
}

/** The watchdogs have killed the process groups by now; what had left its group is found by its tag. */
async function abandon(runs: Map<string, ActiveRun>, reason: string): Promise<void> {
  const abandoned = [...runs.values()];
  runs.clear();
  await Promise.all(abandoned.map((run) => killTagged(run.request.tag)));
  for (const run of abandoned) {
    run.resolve(lost(`the process broker ended (${reason})`, (performance.now() - run.startedAt) / 1000));
  }
}

function lost(spawnError: string, durationSeconds: number): SpawnResult {
  return {
    exitCode: null,
    signal: null,
    cpuTimeSeconds: null,
    peakMemoryMb: null,
    durationSeconds,
    outputBytes: 0,
    truncatedBytes: 0,
    spawnError,
  };
}

/** The broker is our own program; this only tells its messages from the internal ones of Node. */
function isFromBroker(message: unknown): message is FromBroker {
  return typeof message === "object" && message !== null && "type" in message && "id" in message;
}
