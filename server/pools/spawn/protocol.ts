import "server-only";

export type SpawnRequest = {
  /** The program and its arguments; nothing in it is read by a shell. */
  argv: string[];
  cwd: string;
  /** The whole environment of the program; nothing is inherited. */
  env: Record<string, string>;
  /** At most about this many bytes of output are kept: the first half and the last half. */
  outputLimitBytes: number;
  /** Unique per attempt; put into the environment as `POOLWISE_ATTEMPT`. */
  tag: string;
  /** Scheduling priority from -20 to 19; 0 when left out. */
  nice?: number;
};

export type SpawnResult = {
  /** Null when a signal ended the program or it never ran. */
  exitCode: number | null;
  /** Such as `SIGKILL`; null when the program ended by itself. */
  signal: string | null;
  /** Of the whole process tree; null where it cannot be measured. */
  cpuTimeSeconds: number | null;
  /** Highest memory of the whole tree, in MiB; null where there is no /proc. */
  peakMemoryMb: number | null;
  durationSeconds: number;
  /** Bytes the program wrote, and how many of them were cut. */
  outputBytes: number;
  truncatedBytes: number;
  /** Why the program could not be run or watched, in one sentence. */
  spawnError: string | null;
};

export type ToBroker = { type: "run"; id: string; request: SpawnRequest } | { type: "stop"; id: string };

export type FromBroker =
  | { type: "started"; id: string; pid: number }
  | { type: "output"; id: string; chunk: Uint8Array }
  | { type: "exit"; id: string; result: SpawnResult };
