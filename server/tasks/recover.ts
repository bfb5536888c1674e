import "server-only";
import { randomUUID } from "node:crypto";
import type { RecipeInfo } from "@/lib/shape/catalog";
import type { Logger } from "../log";
import type { Recorder } from "../telemetry/recorder";
import { mayRepeat } from "./after-attempt";
import { failure } from "./attempt";
import type { Conductor } from "./conductor";
import type { LiveTask } from "./live-task";
import { describeTask, type PlanContext } from "./plan";
import type { TaskStore, UnfinishedTask } from "./store";
import { attemptRow } from "./task-rows";

export type RecoverParts = {
  store: TaskStore;
  recorder: Recorder;
  conductor: Conductor;
  plan: PlanContext;
  logger: Logger;
};

/**
 * Takes up what the last server left: queued tasks are queued again; running ones are recorded as interrupted
 * attempts and queued again if they may be repeated, else they end as `interrupted`.
 */
export async function recoverTasks({
  store,
  recorder,
  conductor,
  plan,
  logger,
}: RecoverParts): Promise<{ queued: number; interrupted: number }> {
  const unfinished = await store.unfinished();
  const decisions = await store.decisions(unfinished.map((task) => task.decision_id));
  const counts = { queued: 0, interrupted: 0 };
  for (const stored of unfinished) {
    const decision = decisions.get(stored.decision_id);
    const path = plan.repos.get(stored.repo);
    if (!decision || path === undefined) {
      await endUnrunnable(
        stored,
        recorder,
        decision ? `repository ${stored.repo} is no longer registered` : "its routing decision is missing",
      );
      continue;
    }
    const recipe = plan.recipes.list().find((known) => known.name === stored.recipe) ?? null;
    const task = liveTask(stored, decision, path, recipe);
    if (stored.status === "running") {
      counts.interrupted += 1;
      if (!(await recordInterruption(task, stored, recorder))) continue;
    }
    conductor.enqueue(task);
    counts.queued += 1;
  }
  if (unfinished.length > 0) logger.info(counts, "Took up the tasks the last server left");
  return counts;
}

/** Records the attempt that was cut off; true when the task may run again. */
async function recordInterruption(
  task: LiveTask,
  stored: UnfinishedTask,
  recorder: Recorder,
): Promise<boolean> {
  const now = Date.now();
  const again = mayRepeat(task);
  const startedAt = stored.started_ms ?? now;
  const message = "the server stopped while this ran";
  const durationSeconds = Math.max(0, now - startedAt) / 1_000;
  const execution = attemptRow(task, {
    executionId: again ? randomUUID() : task.taskId,
    workerId: stored.worker_id,
    startedAt,
    finishedAt: now,
    result: failure("crash", message, durationSeconds),
  });
  task.interruptions += 1;
  const end = again
    ? { status: "queued", queued_at: now, started_at: null, worker_id: null }
    : { status: "interrupted", finished_at: now, duration_seconds: durationSeconds };
  await recorder.record({
    execution,
    task: {
      task_id: task.taskId,
      ...end,
      interruptions: task.interruptions,
      error_type: "crash",
      error_message: message,
      updated_at: now,
    },
  });
  if (again) task.queuedAt = now;
  return again;
}

async function endUnrunnable(stored: UnfinishedTask, recorder: Recorder, why: string): Promise<void> {
  const now = Date.now();
  await recorder.record({
    execution: null,
    task: {
      task_id: stored.task_id,
      status: "failed",
      error_type: "validation",
      error_message: `cannot run after the restart: ${why}`,
      finished_at: now,
      updated_at: now,
    },
  });
}

function liveTask(
  stored: UnfinishedTask,
  decision: LiveTask["decision"],
  path: string,
  recipe: RecipeInfo | null,
): LiveTask {
  return {
    taskId: stored.task_id,
    type: stored.type,
    description: describeTask(stored.prompt, recipe),
    prompt: stored.prompt,
    files: stored.files,
    repo: { name: stored.repo, path },
    recipe: stored.recipe,
    check: stored.check_recipe,
    repeatable: recipe?.read_only ?? false,
    metadata: stored.metadata,
    decision,
    priority: stored.priority,
    timeoutSeconds: stored.timeout_seconds,
    retries: stored.retries,
    attempt: stored.attempt,
    interruptions: stored.interruptions,
    queuedAt: stored.queued_ms,
    waiting: null,
    retryTimer: null,
    running: false,
    cancelRequested: false,
  };
}
