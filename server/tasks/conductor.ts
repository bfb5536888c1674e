import "server-only";
import { randomUUID } from "node:crypto";
import { messageOf, PoolwiseError } from "@/lib/errors";
import type { TaskStatus, WaitingReason } from "@/lib/shape/task";
import type { Database } from "../database/database";
import type { Logger } from "../log";
import type { PoolManager } from "../pools/manager";
import type { Pool } from "../pools/pool";
import type { StopReason, WorkResult } from "../pools/types";
import { taskUpdate, utcDay } from "../telemetry/outcome";
import type { Recorder } from "../telemetry/recorder";
import { nextStep, type NextStep } from "./after-attempt";
import { failure, runAttempt, type AttemptEffects } from "./attempt";
import type { EventBus } from "./events";
import type { LiveTask } from "./live-task";
import type { OutputLogs, OutputWriter } from "./output-log";
import type { Plan } from "./plan";
import { attemptRow, decisionRow, finishedTask, taskRow } from "./task-rows";

export type ConductorParts = {
  database: Database;
  recorder: Recorder;
  pools: PoolManager;
  events: EventBus;
  logs: OutputLogs;
  attempts: AttemptEffects;
  logger: Logger;
};

/** Why the server, and not a person or the clock, ended an attempt. */
const STOPPED: StopReason = "shutdown";

/** Takes accepted tasks through queue, attempts and retries to their end, and has every step recorded. */
export class Conductor {
  private readonly live = new Map<string, LiveTask>();

  constructor(private readonly parts: ConductorParts) {}

  /** Stores a planned task and its decision in one commit, then queues it. Resolves when both are on disk. */
  async accept(plan: Plan, replayOf: string | null): Promise<string> {
    const taskId = randomUUID();
    const now = Date.now();
    const { submission, decision } = plan;
    const key = submission.idempotency_key;
    const rows = [
      { append: "tasks" as const, row: taskRow(taskId, plan, now, replayOf) },
      { append: "routing_decisions" as const, row: decisionRow(taskId, plan, now) },
      ...(key === undefined
        ? []
        : [
            {
              append: "idempotency_keys" as const,
              row: { idempotency_key: key, task_id: taskId, created_at: now },
            },
          ]),
    ];
    await this.parts.database.writer
      .write(rows, [{ table: "routing_decisions", day: utcDay(now) }])
      .catch((error: unknown) => {
        throw new PoolwiseError(
          503,
          `The task was not accepted because it could not be stored: ${messageOf(error)}`,
          [],
          { cause: error },
        );
      });
    this.enqueue({
      taskId,
      type: plan.type,
      description: plan.description,
      prompt: submission.prompt,
      files: submission.files,
      repo: plan.repo,
      recipe: plan.recipe?.name ?? null,
      check: submission.check ?? null,
      repeatable: plan.recipe?.read_only ?? false,
      metadata: submission.metadata,
      decision,
      priority: submission.priority,
      timeoutSeconds: plan.timeoutSeconds,
      retries: submission.retries,
      attempt: 0,
      interruptions: 0,
      queuedAt: now,
      waiting: null,
      retryTimer: null,
      running: false,
      cancelRequested: false,
    });
    return taskId;
  }

  /** Puts a task into its pool's queue, another's when that pool is gone, or aside until there is a pool for it. */
  enqueue(task: LiveTask): void {
    if (task.cancelRequested) {
      void this.endCancelled(task);
      return;
    }
    this.live.set(task.taskId, task);
    task.retryTimer = null;
    task.waiting = null;
    const pool = this.poolFor(task);
    if (pool) {
      const run = (worker: string, signal: AbortSignal) => this.attempt(task, worker, signal);
      pool.enqueue({ taskId: task.taskId, priority: task.priority, run });
    } else {
      task.waiting = "pool closed";
    }
    if (!task.running) this.announce(task, "queued");
  }

  /** Queues what was set aside for want of a pool. */
  takeUpParked(): void {
    for (const task of this.live.values()) if (task.waiting === "pool closed") this.enqueue(task);
  }

  /** What the task waits for right now, or null when it does not wait here. */
  waitingReason(taskId: string): WaitingReason | null {
    const task = this.live.get(taskId);
    if (!task || task.running) return null;
    if (task.waiting) return task.waiting;
    return this.chosenPool(task)?.status === "paused" ? "pool paused" : "no free worker";
  }

  /** True when this process still has to bring the task to its end. */
  isLive(taskId: string): boolean {
    return this.live.has(taskId);
  }

  /** Ends a waiting task at once, tells a running one to stop. False when it had ended already. */
  async cancel(taskId: string): Promise<boolean> {
    const task = this.live.get(taskId);
    if (!task) return false;
    // An attempt that is just ending sees this before it plans another one.
    task.cancelRequested = true;
    const stopped = this.parts.pools.all().some((pool) => pool.stop(taskId, "cancelled"));
    if (stopped || task.running) return true;
    if (task.retryTimer) clearTimeout(task.retryTimer);
    for (const pool of this.parts.pools.all()) pool.withdraw(taskId);
    await this.endCancelled(task);
    return true;
  }

  /** Moves tasks whose pool was closed to another one. */
  relocate(taskIds: string[]): void {
    for (const taskId of taskIds) {
      const task = this.live.get(taskId);
      if (task) this.enqueue(task);
    }
  }

  /** Starts nothing more, gives running attempts `graceMs`, then stops them and has them handed back. */
  async shutdown(graceMs: number): Promise<void> {
    const pools = this.parts.pools.all();
    for (const pool of pools) pool.pause();
    for (const task of this.live.values()) if (task.retryTimer) clearTimeout(task.retryTimer);
    const timer = setTimeout(() => {
      for (const pool of pools) pool.stopAll(STOPPED);
    }, graceMs);
    await Promise.all(pools.map((pool) => pool.settled()));
    clearTimeout(timer);
  }

  private async attempt(
    task: LiveTask,
    workerId: string,
    signal: AbortSignal,
  ): Promise<{ success: boolean }> {
    const { logs, logger, database } = this.parts;
    task.running = true;
    task.attempt += 1;
    const startedAt = Date.now();
    const change = {
      task_id: task.taskId,
      status: "running",
      waiting_reason: null,
      worker_id: workerId,
      attempt: task.attempt,
      started_at: startedAt,
      updated_at: startedAt,
    };
    // On disk before the work begins: after a crash a task that may not run twice must be known to have started.
    await database.writer.write([taskUpdate(change)]).catch((error: unknown) => {
      logger.error(
        { task: task.taskId, error: messageOf(error) },
        "The start of a task could not be recorded",
      );
    });
    this.announce(task, "running");
    const output = await logs.openForAppend(task.taskId, (error) => {
      logger.error(
        { task: task.taskId, error: messageOf(error) },
        "The output of a task could not be written",
      );
    });
    if (task.attempt > 1) output.line(`--- attempt ${task.attempt} ---`);
    const result = signal.aborted
      ? failure(signal.reason === "cancelled" ? "cancelled" : "crash", "stopped before it started", 0)
      : await runAttempt(task, signal, output, this.parts.attempts);
    await output.close();
    await this.finish(task, workerId, startedAt, result, signal.reason === STOPPED, output);
    return { success: result.success };
  }

  private async finish(
    task: LiveTask,
    workerId: string,
    startedAt: number,
    result: WorkResult,
    stopped: boolean,
    output: OutputWriter,
  ): Promise<void> {
    const finishedAt = Date.now();
    const step = nextStep(task, result, stopped);
    const executionId = step.kind === "end" ? task.taskId : randomUUID();
    const execution = attemptRow(task, { executionId, workerId, startedAt, finishedAt, result });
    task.running = false;
    if (step.kind === "again") {
      task.queuedAt = finishedAt;
      if (step.interrupted) task.interruptions += 1;
    }
    await this.parts.recorder.record({
      execution,
      task: finishedTask(task, step, result, finishedAt, output.bytes),
    });
    await this.proceed(task, step);
  }

  /** Ends a task that was cancelled while nothing of it ran. */
  private async endCancelled(task: LiveTask): Promise<void> {
    this.live.delete(task.taskId);
    const now = Date.now();
    const when = task.attempt === 0 ? "before it started" : "while it waited to be tried again";
    await this.parts.recorder.record({
      execution: null,
      task: {
        task_id: task.taskId,
        status: "cancelled",
        waiting_reason: null,
        error_type: "cancelled",
        error_message: `cancelled ${when}`,
        finished_at: now,
        updated_at: now,
      },
    });
    this.announce(task, "cancelled");
  }

  private async proceed(task: LiveTask, step: NextStep): Promise<void> {
    if (step.kind === "end") {
      this.live.delete(task.taskId);
      this.announce(task, step.status);
      return;
    }
    if (task.cancelRequested) {
      await this.endCancelled(task);
      return;
    }
    task.waiting = "retry backoff";
    this.announce(task, step.interrupted ? "interrupted" : "queued");
    // Handed back by a shutdown: it stays queued in the database for the next start.
    if (!step.interrupted) task.retryTimer = setTimeout(() => this.enqueue(task), step.delayMs);
  }

  private chosenPool(task: LiveTask): Pool | undefined {
    return this.parts.pools.all().find((pool) => pool.config.poolId === task.decision.pool_id);
  }

  private poolFor(task: LiveTask): Pool | null {
    const chosen = this.chosenPool(task);
    if (chosen) return chosen;
    try {
      const workerType = task.recipe === null ? "model" : "command";
      const other = this.parts.pools.select({ strategy: "least_loaded", workerType });
      task.decision = { ...task.decision, pool_id: other.config.poolId, pool_name: other.config.name };
      return other;
    } catch {
      // No pool runs such work now.
      return null;
    }
  }

  private announce(task: LiveTask, status: TaskStatus): void {
    this.parts.events.emit({
      type: "task",
      task_id: task.taskId,
      status,
      waiting_reason: status === "queued" ? this.waitingReason(task.taskId) : null,
      attempt: task.attempt,
      pool_name: task.decision.pool_name,
      tier: task.decision.tier,
    });
  }
}
