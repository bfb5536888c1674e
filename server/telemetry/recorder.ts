import "server-only";
import { messageOf } from "@/lib/errors";
import type { Database } from "../database/database";
import { NOT_THE_ROWS } from "../database/writer";
import type { Logger } from "../log";
import { outcomeOperations, touchedBy, type Outcome } from "./outcome";
import type { Spool } from "./spool";

export type RecorderOptions = {
  /** False: the end of a task is recorded, its executions are not. */
  captureExecutions: boolean;
  /** Operations that may wait in memory for the writer; beyond it outcomes go to the spool. */
  pendingMax?: number;
};

const ROW_AT_FAULT =
  /Conversion Error|Constraint Error|Invalid Input|not a (32-bit integer|whole number)|out of/;
const RETRY_MS = 1_000;
const PENDING_MAX = 20_000;
const TAKE_ROWS = 500;

/**
 * Records outcomes and never fails the work. While the database takes them they go straight there; while it refuses
 * them, or more wait than memory should hold, they go to the spool, in order, and are taken in when it accepts again:
 * in this process or at the next start. Taking one in twice changes nothing, since executions are keyed and an older
 * state never overwrites a newer one.
 */
export class Recorder {
  /** What neither the database nor the spool took: a disk that is full is full for both. */
  private memory: Outcome[] = [];
  private timer: NodeJS.Timeout | null = null;
  private taking: Promise<void> | null = null;
  private problem: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly spool: Spool,
    private readonly logger: Logger,
    private readonly options: RecorderOptions,
  ) {}

  /** Resolves when the outcome is committed, or safe in the spool. Never rejects. */
  async record(outcome: Outcome): Promise<void> {
    const kept = this.options.captureExecutions ? outcome : { ...outcome, execution: null };
    if (this.mustQueue()) return this.keep(kept);
    try {
      await this.write(kept);
    } catch (error) {
      if (isRefused(error)) return this.setAside(kept, error);
      this.problem = messageOf(error);
      this.logger.error(
        { error: this.problem, task: kept.task.task_id },
        "An outcome could not be written; it waits in the spool",
      );
      await this.keep(kept);
    }
  }

  /** Outcomes that are not in the database yet, and what kept the last one out. */
  status(): { unsaved: number; problem: string | null } {
    return { unsaved: this.spool.size + this.memory.length, problem: this.problem };
  }

  /** Takes in everything that waits; what the database refuses stays. Resolves with what is left. */
  async takeIn(): Promise<number> {
    this.taking ??= this.takeAll().finally(() => {
      this.taking = null;
    });
    await this.taking;
    return this.status().unsaved;
  }

  /** One last try at what waits; what is still refused stays in the spool for the next start. */
  async close(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    await this.takeIn();
    if (this.timer) clearTimeout(this.timer);
    for (const outcome of this.memory.splice(0)) await this.keep(outcome);
    if (this.timer) clearTimeout(this.timer);
  }

  /** Once something waits, everything does: an outcome must not overtake an earlier one of its task. */
  private mustQueue(): boolean {
    return (
      this.status().unsaved > 0 ||
      this.database.writer.stats().pending > (this.options.pendingMax ?? PENDING_MAX)
    );
  }

  private write(outcome: Outcome): Promise<void> {
    return this.database.writer.write(outcomeOperations(outcome), touchedBy(outcome));
  }

  private async keep(outcome: Outcome): Promise<void> {
    this.timer ??= setTimeout(() => void this.retry(), RETRY_MS).unref();
    try {
      await this.spool.append(outcome);
    } catch (error) {
      this.logger.error(
        { error: messageOf(error) },
        "The spool cannot be written; the outcome is kept in memory",
      );
      this.memory.push(outcome);
    }
  }

  private async retry(): Promise<void> {
    this.timer = null;
    if ((await this.takeIn()) > 0) this.timer ??= setTimeout(() => void this.retry(), RETRY_MS).unref();
  }

  private async takeAll(): Promise<void> {
    try {
      for (const file of this.spool.take()) {
        const damaged: number[] = [];
        const outcomes = this.spool.read(file, (line) => damaged.push(line));
        if (damaged.length > 0)
          this.logger.error({ file, lines: damaged }, "Damaged lines of the spool were set aside");
        for (let i = 0; i < outcomes.length; i += TAKE_ROWS)
          await this.writeAll(outcomes.slice(i, i + TAKE_ROWS));
        this.spool.remove(file, { lines: outcomes.length + damaged.length, damaged: damaged.length });
      }
      while (this.memory.length > 0) {
        const batch = this.memory.slice(0, TAKE_ROWS);
        await this.writeAll(batch);
        this.memory.splice(0, batch.length);
      }
      this.problem = null;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  /** Throws when the database takes nothing; a row that it refuses for its own sake is set aside. */
  private async writeAll(outcomes: Outcome[]): Promise<void> {
    const results = await Promise.allSettled(outcomes.map((outcome) => this.write(outcome)));
    const unavailable = results.find((result) => result.status === "rejected" && !isRefused(result.reason));
    if (unavailable?.status === "rejected") throw unavailable.reason;
    for (const [i, result] of results.entries()) {
      const outcome = outcomes[i];
      if (outcome && result.status === "rejected") await this.setAside(outcome, result.reason);
    }
  }

  /** Keeps a row that no retry will bring in where a person can look at it, and still ends its task. */
  private async setAside(outcome: Outcome, error: unknown): Promise<void> {
    const { task, execution } = outcome;
    this.logger.error(
      { task: task.task_id, error: messageOf(error) },
      "The database refuses an outcome; it was set aside",
    );
    await this.spool.reject(outcome).catch(() => undefined);
    if (execution === null) return;
    await this.write({ execution: null, task }).catch((again: unknown) => {
      this.logger.error(
        { task: task.task_id, error: messageOf(again) },
        "The end of a task could not be recorded",
      );
    });
  }
}

/** True when the row itself is at fault, and not the disk or the session. */
function isRefused(error: unknown): boolean {
  return ROW_AT_FAULT.test(messageOf(error)) && !NOT_THE_ROWS.test(messageOf(error));
}
