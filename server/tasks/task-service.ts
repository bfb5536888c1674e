import "server-only";
import { z } from "zod";
import { invalid, notFound, PoolwiseError } from "@/lib/errors";
import type { Decision } from "@/lib/shape/decision";
import type { Task, TaskDetail, TaskFeedback, TaskListQuery, TaskPage } from "@/lib/shape/task";
import type { Database } from "../database/database";
import type { Conductor } from "./conductor";
import { rateTask } from "./feedback";
import { parseSubmission, planTask, type PlanContext } from "./plan";
import type { TaskStore } from "./store";

type Accepted = { task_id: string; decision: Decision; created: boolean };

const taskIdSchema = z.uuid();
// Milliseconds that a date can have.
const TIME_MAX_MS = 8.64e15;
const cursorSchema = z.tuple([z.number().min(-TIME_MAX_MS).max(TIME_MAX_MS), z.uuid()]);

/** Everything that can be asked about tasks, for every door. */
export class TaskService {
  /** Submissions under way by idempotency key, so that two at once become one task. */
  private readonly byKey = new Map<string, Promise<Accepted>>();

  constructor(
    private readonly database: Database,
    private readonly store: TaskStore,
    private readonly conductor: Conductor,
    private readonly context: PlanContext,
    private readonly options: { isDraining: () => boolean; feedbackEnabled: boolean },
  ) {}

  /** Accepts a task: when this resolves it is on disk and queued. @throws PoolwiseError */
  submit(input: unknown, replayOf: string | null = null): Promise<Accepted> {
    if (this.options.isDraining())
      throw new PoolwiseError(503, "The server is shutting down and takes no new tasks.");
    const submission = parseSubmission(input);
    const key = submission.idempotency_key;
    const accept = async (): Promise<Accepted> => {
      const plan = await planTask(submission, this.context);
      return { task_id: await this.conductor.accept(plan, replayOf), decision: plan.decision, created: true };
    };
    return key === undefined ? accept() : this.once(key, accept);
  }

  /** Where a task would go, without storing anything. @throws PoolwiseError */
  async explain(input: unknown): Promise<Decision> {
    return (await planTask(parseSubmission(input), this.context)).decision;
  }

  async list(query: TaskListQuery): Promise<TaskPage> {
    const { cursor, limit, ...filter } = query;
    const stored = await this.store.list(
      { ...filter, limit: limit + 1 },
      cursor === undefined ? null : decodeCursor(cursor),
    );
    const page = stored.slice(0, limit);
    const last = page.at(-1);
    const more = stored.length > limit && last !== undefined;
    return {
      tasks: page.map(({ task }) => this.withWaiting(task)),
      next_cursor: more ? encodeCursor(last.createdMs, last.task.task_id) : null,
    };
  }

  async get(taskId: string): Promise<TaskDetail> {
    const stored = await this.find(taskId);
    const [decisions, attempts, feedback] = await Promise.all([
      this.store.decisions([stored.decisionId]),
      this.store.attempts(taskId),
      this.store.feedback(taskId),
    ]);
    const decision = decisions.get(stored.decisionId);
    if (!decision) throw new Error(`decision ${stored.decisionId} of task ${taskId} is missing`);
    return { ...this.withWaiting(stored.task), decision, attempts, feedback };
  }

  isLive(taskId: string): boolean {
    return this.conductor.isLive(taskId);
  }

  async cancel(taskId: string): Promise<TaskDetail> {
    const { task } = await this.find(taskId);
    if (!(await this.conductor.cancel(taskId))) {
      throw new PoolwiseError(409, `The task has already ended as ${task.status}.`);
    }
    return this.get(taskId);
  }

  /** Submits the task again, with changes if any. The new task names the old one in `replay_of`. */
  async replay(taskId: string, changes: unknown): Promise<Accepted> {
    const { task } = await this.find(taskId);
    const parsed = z.record(z.string(), z.unknown()).safeParse(changes ?? {});
    if (!parsed.success) throw invalid([{ path: "", message: "expected an object of changed fields" }]);
    const { type, prompt, repo, files, recipe, check, timeout_seconds, retries, priority, metadata } = task;
    const same = {
      type,
      prompt,
      repo,
      files,
      timeout_seconds,
      retries,
      priority,
      metadata,
      ...(recipe !== null && { recipe }),
      ...(check !== null && { check }),
    };
    return this.submit({ ...same, ...parsed.data }, taskId);
  }

  async rate(taskId: string, input: unknown): Promise<TaskFeedback> {
    if (!this.options.feedbackEnabled)
      throw new PoolwiseError(409, "Ratings are switched off (learning.enable_feedback_collection).");
    return rateTask(this.database, (await this.find(taskId)).task, input);
  }

  private async once(key: string, accept: () => Promise<Accepted>): Promise<Accepted> {
    for (let underWay = this.byKey.get(key); underWay; underWay = this.byKey.get(key)) {
      const first = await underWay.catch(() => null);
      if (first) return { ...first, created: false };
      // What the first got wrong is no answer to this one, which may be right.
    }
    const mine = this.existing(key)
      .then((existing) => existing ?? accept())
      .finally(() => this.byKey.delete(key));
    this.byKey.set(key, mine);
    return mine;
  }

  private async existing(key: string): Promise<Accepted | null> {
    const taskId = await this.store.taskOfKey(key);
    if (taskId === null) return null;
    const { decision } = await this.get(taskId);
    return { task_id: taskId, decision, created: false };
  }

  private async find(taskId: string) {
    const stored = taskIdSchema.safeParse(taskId).success ? await this.store.get(taskId) : null;
    if (!stored) throw notFound(`task ${taskId}`);
    return stored;
  }

  /** What a queued task waits for is known by its pool, from moment to moment. */
  private withWaiting(task: Task): Task {
    return task.status === "queued"
      ? { ...task, waiting_reason: this.conductor.waitingReason(task.task_id) ?? task.waiting_reason }
      : task;
  }
}

function encodeCursor(ms: number, id: string): string {
  return Buffer.from(JSON.stringify([ms, id])).toString("base64url");
}

function decodeCursor(cursor: string): { ms: number; id: string } {
  try {
    const [ms, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { ms, id };
  } catch (error) {
    throw invalid([{ path: "cursor", message: "is not a cursor this server gave" }], { cause: error });
  }
}
