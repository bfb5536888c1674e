import "server-only";
import type { ErrorType } from "@/lib/shape/error-type";
import type { Tier } from "@/lib/shape/tier";

export const WORKER_TYPES = ["command", "model"] as const;
export type WorkerType = (typeof WORKER_TYPES)[number];

/** One attempt at a task, as a worker receives it. Everything in it has been validated. */
export type WorkOrder = {
  taskId: string;
  /** Unique per attempt; tags every process it starts. */
  attemptId: string;
  type: string;
  prompt: string;
  /** Relative to the repository, without `..`. */
  files: string[];
  repo: { name: string; path: string };
  recipe: string | null;
  tier: Tier;
  /** Provider's name in the settings and model name; null for a command. */
  provider: string | null;
  model: string | null;
  outputLimitBytes: number;
};

/** Why a run was told to stop. It is the reason of the abort signal. */
export type StopReason = "timeout" | "cancelled" | "shutdown";

export type WorkContext = {
  /** Aborted with a `StopReason`. */
  signal: AbortSignal;
  /** Called with each piece of output as it arrives, already capped. */
  onOutput: (chunk: Uint8Array) => void;
};

/** What happened. A worker reports failure here; it never rejects. */
export type WorkResult = {
  success: boolean;
  errorType: ErrorType | null;
  errorMessage: string | null;
  exitCode: number | null;
  durationSeconds: number;
  /** Of the whole process tree; null where it cannot be measured. */
  cpuTimeSeconds: number | null;
  peakMemoryMb: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** USD */
  actualCost: number;
  /** 0–100, from the recipe's parser; null where nothing graded it. */
  qualityScore: number | null;
  /** At most 200 characters, free of anything that varies from run to run. */
  summary: string | null;
};

export type Worker = {
  run: (order: WorkOrder, context: WorkContext) => Promise<WorkResult>;
};
