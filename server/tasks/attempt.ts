import "server-only";
import { messageOf } from "@/lib/errors";
import type { StopReason, Worker, WorkerType, WorkOrder, WorkResult } from "../pools/types";
import { inferErrorType } from "../telemetry/error-type";
import type { LiveTask } from "./live-task";
import type { OutputWriter } from "./output-log";

export type AttemptEffects = {
  workers: Record<WorkerType, Worker>;
  outputLimitBytes: number;
  newId: () => string;
};

/** Runs one attempt: the work, and then its check. Never rejects; stops with the signal or at the time limit. */
export async function runAttempt(
  task: LiveTask,
  signal: AbortSignal,
  output: OutputWriter,
  effects: AttemptEffects,
): Promise<WorkResult> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort("timeout" satisfies StopReason), task.timeoutSeconds * 1_000);
  const stop = AbortSignal.any([signal, limit.signal]);
  try {
    const result = await work(task, task.recipe, stop, output, effects);
    if (!result.success || task.check === null) return result;
    output.line(`--- check: ${task.check} ---`);
    return graded(result, await work(task, task.check, stop, output, effects), task.check);
  } finally {
    clearTimeout(timer);
  }
}

async function work(
  task: LiveTask,
  recipe: string | null,
  signal: AbortSignal,
  output: OutputWriter,
  effects: AttemptEffects,
): Promise<WorkResult> {
  const { decision } = task;
  const order: WorkOrder = {
    taskId: task.taskId,
    attemptId: effects.newId(),
    type: task.type,
    prompt: task.prompt,
    files: task.files,
    repo: task.repo,
    recipe,
    tier: decision.tier,
    provider: decision.provider,
    model: decision.model,
    outputLimitBytes: effects.outputLimitBytes,
  };
  const started = performance.now();
  const worker = effects.workers[recipe === null ? "model" : "command"];
  try {
    return await worker.run(order, { signal, onOutput: (chunk) => output.append(chunk) });
  } catch (error) {
    // A worker promises not to reject; if one does, the task still gets an end and a record.
    const message = messageOf(error);
    return failure(inferErrorType(message), message, (performance.now() - started) / 1_000);
  }
}

/** The work's result with what the check found: a failed check is the attempt's failure. */
function graded(result: WorkResult, check: WorkResult, name: string): WorkResult {
  const both: WorkResult = {
    ...result,
    durationSeconds: result.durationSeconds + check.durationSeconds,
    cpuTimeSeconds: sum(result.cpuTimeSeconds, check.cpuTimeSeconds),
    peakMemoryMb: Math.max(result.peakMemoryMb ?? 0, check.peakMemoryMb ?? 0) || null,
    qualityScore: check.qualityScore ?? result.qualityScore,
  };
  if (check.success) return both;
  const stopped =
    check.errorType === "timeout" || check.errorType === "cancelled" || check.errorMessage === null;
  return {
    ...both,
    success: false,
    exitCode: check.exitCode,
    errorType:
      check.errorType === "timeout" || check.errorType === "cancelled" ? check.errorType : "quality_gate",
    errorMessage: stopped ? check.errorMessage : `check ${name} failed: ${check.errorMessage ?? ""}`,
  };
}

export function failure(
  errorType: WorkResult["errorType"],
  message: string,
  durationSeconds: number,
): WorkResult {
  return {
    success: false,
    errorType,
    errorMessage: message,
    exitCode: null,
    durationSeconds,
    cpuTimeSeconds: null,
    peakMemoryMb: null,
    inputTokens: null,
    outputTokens: null,
    actualCost: 0,
    qualityScore: null,
    summary: null,
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
