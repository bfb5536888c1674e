import "server-only";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { appendFile, open } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "@/lib/errors";
import type { Database } from "../database/database";
import type { Logger } from "../log";
import { outcomeOperations, touchedBy, type Outcome } from "./outcome";

const RETRY_MS = 1_000;

/**
 * Records outcomes and never fails the work: what the database refuses is written to a checksummed line in
 * `spool/`, tried again until it is taken, and taken in at the next start if the process ends before that.
 * Taking a line in twice changes nothing, since executions are keyed and the task's update sets fixed values.
 */
export class Recorder {
  private unsaved: Outcome[] = [];
  private retrying: NodeJS.Timeout | null = null;
  private lastProblem: string | null = null;
  private readonly spoolFile: string;

  constructor(
    private readonly database: Database,
    private readonly spoolFolder: string,
    private readonly logger: Logger,
    private readonly captureExecutions: boolean,
  ) {
    mkdirSync(spoolFolder, { recursive: true });
    this.spoolFile = join(spoolFolder, "outcomes.jsonl");
  }

  /** Resolves when the outcome is committed, or safe in the spool. Never rejects. */
  async record(outcome: Outcome): Promise<void> {
    const kept = this.captureExecutions ? outcome : { ...outcome, execution: null };
    try {
      await this.write(kept);
    } catch (error) {
      await this.keep(kept, error);
    }
  }

  status(): { unsaved: number; problem: string | null } {
    return { unsaved: this.unsaved.length, problem: this.lastProblem };
  }

  /** Takes in what an earlier process could not write. Call before anything is recorded. */
  async replaySpool(): Promise<number> {
    let taken = 0;
    for (const name of readdirSync(this.spoolFolder).filter((file) => file.endsWith(".jsonl"))) {
      const file = join(this.spoolFolder, name);
      for (const outcome of readSpool(readFileSync(file, "utf8"), (line) =>
        this.logger.error({ file, line }, "A damaged spool line was passed over"),
      )) {
        await this.write(outcome);
        taken += 1;
      }
      rmSync(file);
    }
    return taken;
  }

  /** One last try at what is unsaved; what still fails stays in the spool. */
  async close(): Promise<void> {
    if (this.retrying) clearTimeout(this.retrying);
    await this.retry().catch(() => undefined);
    if (this.retrying) clearTimeout(this.retrying);
  }

  private write(outcome: Outcome): Promise<void> {
    return this.database.writer.write(outcomeOperations(outcome), touchedBy(outcome));
  }

  private async keep(outcome: Outcome, error: unknown): Promise<void> {
    this.lastProblem = messageOf(error);
    this.logger.error(
      { error: this.lastProblem, task: outcome.task.task_id },
      "An outcome could not be written; it is kept in the spool and tried again",
    );
    this.unsaved.push(outcome);
    await appendDurably(this.spoolFile, spoolLine(outcome)).catch((spoolError: unknown) => {
      this.logger.error(
        { error: messageOf(spoolError) },
        "The spool cannot be written either; the outcome is kept in memory only",
      );
    });
    this.retrying ??= setTimeout(() => void this.retry(), RETRY_MS).unref();
  }

  private async retry(): Promise<void> {
    this.retrying = null;
    const batch = this.unsaved.splice(0);
    for (const [i, outcome] of batch.entries()) {
      try {
        await this.write(outcome);
      } catch (error) {
        this.lastProblem = messageOf(error);
        this.unsaved = [...batch.slice(i), ...this.unsaved];
        this.retrying = setTimeout(() => void this.retry(), RETRY_MS).unref();
        return;
      }
    }
    if (this.unsaved.length > 0 || batch.length === 0) return;
    this.lastProblem = null;
    rmSync(this.spoolFile, { force: true });
  }
}

function spoolLine(outcome: Outcome): string {
  const body = JSON.stringify(outcome);
  return `${checksum(body)} ${body}\n`;
}

function* readSpool(text: string, onDamaged: (line: number) => void): Generator<Outcome> {
  for (const [i, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const body = line.slice(line.indexOf(" ") + 1);
    if (line.slice(0, line.indexOf(" ")) !== checksum(body)) {
      onDamaged(i + 1);
      continue;
    }
    yield JSON.parse(body) as Outcome;
  }
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function appendDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "a", 0o600);
  try {
    await appendFile(handle, text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
