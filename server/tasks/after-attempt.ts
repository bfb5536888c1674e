import "server-only";
import type { ErrorType } from "@/lib/shape/error-type";
import type { TaskStatus } from "@/lib/shape/task";
import type { WorkResult } from "../pools/types";
import type { LiveTask } from "./live-task";

export type NextStep =
  | { kind: "end"; status: Extract<TaskStatus, "succeeded" | "failed" | "cancelled" | "interrupted"> }
  | { kind: "again"; delayMs: number; interrupted: boolean };

// The same input would break the same rule again.
const NEVER_RETRIED: readonly ErrorType[] = ["validation", "quality_gate", "cancelled"];
const RETRY_BASE_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** A task that keeps taking the server down with it must not do so for ever. */
const INTERRUPTIONS_MAX = 3;

/** What becomes of a task after an attempt. `stopped` is true when the server ended the attempt, not the work itself. */
export function nextStep(
  task: LiveTask,
  result: WorkResult,
  stopped: boolean,
  random: () => number = Math.random,
): NextStep {
  if (result.success) return { kind: "end", status: "succeeded" };
  if (result.errorType === "cancelled") return { kind: "end", status: "cancelled" };
  if (stopped) {
    return mayRepeat(task)
      ? { kind: "again", delayMs: 0, interrupted: true }
      : { kind: "end", status: "interrupted" };
  }
  const retried = task.attempt - task.interruptions <= task.retries;
  if (!retried || (result.errorType !== null && NEVER_RETRIED.includes(result.errorType)))
    return { kind: "end", status: "failed" };
  const backoff = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (task.attempt - 1));
  return { kind: "again", delayMs: Math.round(backoff * (0.5 + random() / 2)), interrupted: false };
}

/** An interrupted run is repeated when that does no harm, or when the task allows retries. */
export function mayRepeat(
  task: Pick<LiveTask, "repeatable" | "retries" | "attempt" | "interruptions">,
): boolean {
  if (task.interruptions >= INTERRUPTIONS_MAX) return false;
  return task.repeatable || task.attempt - task.interruptions <= task.retries;
}
