import "server-only";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { appendFile, open } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome } from "./outcome";

const CURRENT = "outcomes.jsonl";
const TAKEN = /^taking-\d+-\d+\.jsonl$/;

/**
 * Outcomes that wait for the database, as checksummed lines in files of their own: appended durably, taken file by
 * file, oldest first. A line that is damaged (half written when the power went) is told of and passed over.
 */
export class Spool {
  private lines: number;
  private taken = 0;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.lines = this.files().reduce((sum, file) => sum + countLines(file), 0);
  }

  /** Lines that wait. */
  get size(): number {
    return this.lines;
  }

  /** Resolves when the line is on disk. */
  async append(outcome: Outcome): Promise<void> {
    const handle = await open(join(this.folder, CURRENT), "a", 0o600);
    try {
      await appendFile(handle, line(outcome));
      await handle.sync();
      this.lines += 1;
    } finally {
      await handle.close();
    }
  }

  /** Keeps an outcome that the database refuses for its own sake, apart from those that wait. */
  async reject(outcome: Outcome): Promise<void> {
    await appendFile(join(this.folder, "rejected.txt"), line(outcome), { mode: 0o600 });
  }

  /** Names of files to be taken in, oldest first; what is appended from now on goes to another one. */
  take(): string[] {
    const current = join(this.folder, CURRENT);
    if (existsSync(current))
      renameSync(current, join(this.folder, `taking-${Date.now()}-${++this.taken}.jsonl`));
    return this.files();
  }

  /** The outcomes of a taken file, in order. */
  read(file: string, onDamaged: (lineNumber: number) => void): Outcome[] {
    return [...parse(readFileSync(file, "utf8"), onDamaged)];
  }

  /** Everything readable of the file, of so many lines, is in the database. With damaged ones it is kept for a person. */
  remove(file: string, { lines, damaged }: { lines: number; damaged: number }): void {
    this.lines -= lines;
    if (damaged > 0) renameSync(file, `${file}.damaged`);
    else rmSync(file);
  }

  private files(): string[] {
    const names = readdirSync(this.folder);
    const taken = names.filter((name) => TAKEN.test(name)).sort();
    return [...taken, ...names.filter((name) => name === CURRENT)].map((name) => join(this.folder, name));
  }
}

function countLines(file: string): number {
  return readFileSync(file, "utf8").split("\n").filter(Boolean).length;
}

function line(outcome: Outcome): string {
  const body = JSON.stringify(outcome);
  return `${checksum(body)} ${body}\n`;
}

function* parse(text: string, onDamaged: (lineNumber: number) => void): Generator<Outcome> {
  for (const [i, content] of text.split("\n").entries()) {
    if (content === "") continue;
    const at = content.indexOf(" ");
    const body = content.slice(at + 1);
    if (content.slice(0, at) === checksum(body)) yield JSON.parse(body) as Outcome;
    else onDamaged(i + 1);
  }
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
