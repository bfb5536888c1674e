import "server-only";
import type { Decision } from "@/lib/shape/decision";
import type { WaitingReason } from "@/lib/shape/task";

/** A task this process is responsible for: queued, running, or waiting to be tried again. */
export type LiveTask = {
  taskId: string;
  type: string;
  description: string;
  prompt: string;
  files: string[];
  repo: { name: string; path: string };
  recipe: string | null;
  check: string | null;
  /** True when running it twice does no harm, so that an interrupted run may be repeated. */
  repeatable: boolean;
  metadata: Record<string, unknown>;
  decision: Decision;
  priority: number;
  timeoutSeconds: number;
  retries: number;
  /** Attempts begun so far. */
  attempt: number;
  interruptions: number;
  queuedAt: number;
  waiting: WaitingReason | null;
  retryTimer: NodeJS.Timeout | null;
  running: boolean;
  /** Set by a cancel; no further attempt begins after it. */
  cancelRequested: boolean;
};
