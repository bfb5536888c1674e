import "server-only";
import { mkdirSync } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

const READ_BYTES = 64 * 1024;

/** What tasks print, one file per task; appended while it runs, read by any number of followers. */
export class OutputLogs {
  private readonly growing = new Map<string, Set<() => void>>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Opens a task's log for appending. Failing to write it never fails the task; `onError` is told once. */
  async openForAppend(taskId: string, onError: (error: unknown) => void): Promise<OutputWriter> {
    const handle = await open(this.file(taskId), "a").catch((error: unknown) => {
      onError(error);
      return null;
    });
    const start = (await handle?.stat().catch(() => null))?.size ?? 0;
    return new OutputWriter(handle, start, () => this.announce(taskId), onError);
  }

  async size(taskId: string): Promise<number> {
    return (await stat(this.file(taskId)).catch(() => null))?.size ?? 0;
  }

  /** Up to 64 KiB of text from a byte offset, cut at a character's end; `next` is the offset after it. */
  async read(taskId: string, offset: number): Promise<{ text: string; next: number }> {
    const handle = await open(this.file(taskId), "r").catch(() => null);
    if (!handle) return { text: "", next: offset };
    try {
      const buffer = Buffer.alloc(READ_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, offset);
      const length =
        bytesRead < READ_BYTES ? completeLength(buffer, bytesRead) : completeLength(buffer, READ_BYTES);
      return { text: buffer.toString("utf8", 0, length), next: offset + length };
    } finally {
      await handle.close();
    }
  }

  /** Calls back when the log has grown; returns the unsubscriber. */
  follow(taskId: string, listener: () => void): () => void {
    const listeners = this.growing.get(taskId) ?? new Set();
    this.growing.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.growing.delete(taskId);
    };
  }

  private announce(taskId: string): void {
    for (const listener of this.growing.get(taskId) ?? []) listener();
  }

  private file(taskId: string): string {
    return join(this.folder, `${taskId}.log`);
  }
}

/** Appends in order; `bytes` counts everything accepted, whether or not the disk took it. */
export class OutputWriter {
  private tail: Promise<void> = Promise.resolve();
  private failed = false;
  bytes: number;

  constructor(
    private readonly handle: FileHandle | null,
    start: number,
    private readonly onGrown: () => void,
    private readonly onError: (error: unknown) => void,
  ) {
    this.bytes = start;
  }

  append(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (!this.handle) return;
    const { handle } = this;
    this.tail = this.tail
      .then(() => handle.appendFile(chunk))
      .then(this.onGrown, (error: unknown) => this.fail(error));
  }

  line(text: string): void {
    this.append(Buffer.from(`${text}\n`));
  }

  async close(): Promise<void> {
    await this.tail;
    await this.handle?.close().catch((error: unknown) => this.fail(error));
  }

  private fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.onError(error);
  }
}

/** Bytes up to the end of the last whole UTF-8 character; a broken sequence is passed on as it is. */
function completeLength(buffer: Buffer, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = buffer[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? length - back : length;
    }
  }
  return length;
}
