import "server-only";
import { mkdirSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "@/lib/errors";
import {
  manifestSchema,
  PART_NAME,
  type Manifest,
  type SnapshotPart,
  type SnapshotTable,
} from "@/lib/shape/manifest";
import daysSql from "@/sql/snapshot/days.sql";
import summarySql from "@/sql/snapshot/summary.sql";
import type { Database } from "../database/database";
import type { Touched } from "../database/writer";
import type { Logger } from "../log";
import { hashFile, publishFile } from "./durable-file";
import { PUBLISHED, WHOLE, type PublishedTable } from "./published";

export type PublisherOptions = {
  folder: string;
  compression: string;
  keepVersions: number;
  logger: Logger;
  onPublished: (manifest: Manifest) => void;
};

const ROW_GROUP_ROWS = 30_720;
// A row may be committed a moment after its own timestamp, so days changed shortly before a manifest are looked at again.
const OVERLAP_MS = 60_000;
const MANIFEST = "manifest.json";
const GENERATIONS = "generations";
/** Parts that only earlier generations use, out of the way of whoever reads the folder by a pattern. */
export const PREVIOUS = "previous";

const columnRow = z
  .object({ column_name: z.string(), column_type: z.string() })
  .transform(({ column_name, column_type }) => ({ name: column_name, type: column_type }));
const dayRow = z.object({ day: z.string(), rows: z.int(), changed_ms: z.number().nullable() });
const summaryRow = z.object({ rows: z.int(), min_ms: z.number().nullable(), max_ms: z.number().nullable() });

/**
 * Cuts Parquet snapshots: one immutable part per table and UTC day, named by its content, and a manifest that is
 * replaced last, so that a reader never sees half a snapshot. Only days that changed are written again.
 */
export class Publisher {
  private dirty = new Map<string, Set<string>>();
  private current: Manifest | null = null;
  private readonly columnsOf = new Map<string, SnapshotTable["columns"]>();
  private running: Promise<Manifest> | null = null;
  private readonly unsubscribe: () => void;

  private constructor(
    private readonly database: Database,
    private readonly options: PublisherOptions,
  ) {
    this.unsubscribe = database.onCommitted((touched) => this.touch(touched));
  }

  /** Reads the last manifest and finds out which days changed since. */
  static async start(database: Database, options: PublisherOptions): Promise<Publisher> {
    for (const folder of [GENERATIONS, PREVIOUS])
      mkdirSync(join(options.folder, folder), { recursive: true });
    const publisher = new Publisher(database, options);
    publisher.current = await readManifest(options.folder, options.logger);
    await publisher.findStaleDays();
    await publisher.removeLeftovers();
    return publisher;
  }

  get hasChanges(): boolean {
    return this.current === null || this.dirty.size > 0;
  }

  get manifest(): Manifest | null {
    return this.current;
  }

  touch(touched: Touched[]): void {
    for (const { table, day } of touched) {
      const days = this.dirty.get(table) ?? new Set();
      this.dirty.set(table, days.add(day));
    }
  }

  /**
   * Publishes what changed and returns the manifest in force. Nothing changed: the same generation.
   * Calls made while one runs share the one that follows it. `full` writes every day again.
   */
  async publish({ full = false }: { full?: boolean | undefined } = {}): Promise<Manifest> {
    while (this.running) await this.running.catch(() => undefined);
    this.running = this.cut(full);
    try {
      return await this.running;
    } finally {
      this.running = null;
    }
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.running?.catch(() => undefined);
  }

  private async cut(full: boolean): Promise<Manifest> {
    if (full) await this.touchEverything();
    const present = this.current;
    if (present && this.dirty.size === 0) return present;
    const taken = this.dirty;
    this.dirty = new Map();
    try {
      const tables: Record<string, SnapshotTable> = {};
      for (const [name, table] of Object.entries(PUBLISHED)) {
        tables[name] = await this.cutTable(name, table, present?.tables[name], taken.get(name) ?? new Set());
      }
      if (present && filesOf(present).join() === filesOf({ tables }).join()) return present;
      return await this.publishManifest(tables, (await this.lastGeneration()) + 1);
    } catch (error) {
      this.touch([...taken].flatMap(([table, days]) => [...days].map((day) => ({ table, day }))));
      throw error;
    }
  }

  private async cutTable(
    name: string,
    table: PublishedTable,
    before: SnapshotTable | undefined,
    days: Set<string>,
  ): Promise<SnapshotTable> {
    const parts = new Map(before?.parts.map((part) => [part.day, part]));
    const wanted = before === undefined && !table.daily ? [WHOLE] : [...days];
    for (const day of wanted) {
      const part = await this.cutPart(name, table, day);
      if (part) parts.set(day, part);
      else parts.delete(day);
    }
    const columns = before && days.size === 0 ? before.columns : await this.columns(name, table);
    const sorted = [...parts.values()].sort((a, b) => a.day.localeCompare(b.day));
    return {
      columns,
      rows: sorted.reduce((sum, part) => sum + part.rows, 0),
      min_timestamp: sorted[0]?.min_timestamp ?? null,
      max_timestamp: sorted.at(-1)?.max_timestamp ?? null,
      parts: sorted,
    };
  }

  /** Writes one part, or returns null when the day has no rows any more. */
  private async cutPart(name: string, table: PublishedTable, day: string): Promise<SnapshotPart | null> {
    const { folder, compression } = this.options;
    const temporary = join(folder, `${name}-${day}.${process.pid}.tmp`);
    const copy = `COPY (${table.sql}) TO '${quote(temporary)}' (FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`;
    try {
      await this.database.export(copy, table.daily ? { day } : {});
      const [row] = await this.database.export(
        summarySql.replaceAll("{file}", quote(temporary)).replaceAll("{time}", table.time),
      );
      const summary = summaryRow.parse(row);
      if (summary.rows === 0 && table.daily) return null;
      const sha256 = await hashFile(temporary);
      const { size } = await stat(temporary);
      const file = `${name}-${day}.${sha256.slice(0, 16)}.parquet`;
      await publishFile(temporary, join(folder, file));
      return {
        file,
        day,
        rows: summary.rows,
        bytes: size,
        min_timestamp: iso(summary.min_ms),
        max_timestamp: iso(summary.max_ms),
        sha256,
      };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** The columns of a table's parts; they cannot change while this process runs. */
  private async columns(name: string, table: PublishedTable): Promise<SnapshotTable["columns"]> {
    const known = this.columnsOf.get(name);
    if (known) return known;
    const rows = await this.database.export(
      `DESCRIBE ${table.sql}`,
      table.daily ? { day: "1970-01-01" } : {},
    );
    const columns = z.array(columnRow).parse(rows);
    this.columnsOf.set(name, columns);
    return columns;
  }

  /** Also right after the manifest was lost: the generations that were kept still say how far it had come. */
  private async lastGeneration(): Promise<number> {
    const kept = await readdir(join(this.options.folder, GENERATIONS));
    return Math.max(this.current?.generation ?? 0, ...kept.map((name) => Number.parseInt(name, 10) || 0));
  }

  private async publishManifest(tables: Manifest["tables"], generation: number): Promise<Manifest> {
    const manifest: Manifest = {
      format: "poolwise-snapshot",
      version: 1,
      created_at: new Date().toISOString(),
      generation,
      tables,
    };
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    const kept = join(this.options.folder, GENERATIONS, `${String(generation).padStart(10, "0")}.json`);
    for (const file of [kept, join(this.options.folder, MANIFEST)]) {
      await writeFile(`${file}.tmp`, text);
      await publishFile(`${file}.tmp`, file);
    }
    this.current = manifest;
    this.options.onPublished(manifest);
    await this.removeOld(manifest).catch((error: unknown) =>
      this.options.logger.warn({ error: messageOf(error) }, "Old snapshot parts could not be removed"),
    );
    return manifest;
  }

  /** Sets aside the parts that were replaced, and removes generations beyond `keepVersions` with what only they used. */
  private async removeOld(manifest: Manifest): Promise<void> {
    const { folder, keepVersions } = this.options;
    const generations = (await readdir(join(folder, GENERATIONS)))
      .filter((file) => file.endsWith(".json"))
      .sort();
    for (const old of generations.slice(0, -keepVersions)) await rm(join(folder, GENERATIONS, old));
    const used = new Set<string>();
    for (const kept of generations.slice(-keepVersions)) {
      const earlier = manifestSchema.parse(
        JSON.parse(await readFile(join(folder, GENERATIONS, kept), "utf8")),
      );
      for (const file of filesOf(earlier)) used.add(file);
    }
    const current = new Set(filesOf(manifest));
    for (const file of (await readdir(folder)).filter((name) => PART_NAME.test(name) && !current.has(name))) {
      await rename(join(folder, file), join(folder, PREVIOUS, file));
    }
    for (const file of await readdir(join(folder, PREVIOUS))) {
      if (!used.has(file) || current.has(file)) await rm(join(folder, PREVIOUS, file));
    }
  }

  private async removeLeftovers(): Promise<void> {
    for (const folder of [this.options.folder, join(this.options.folder, GENERATIONS)]) {
      for (const file of await readdir(folder)) {
        if (file.endsWith(".tmp")) await rm(join(folder, file), { force: true });
      }
    }
  }

  private async touchEverything(): Promise<void> {
    for (const [name, table] of Object.entries(PUBLISHED)) {
      const published = this.current?.tables[name]?.parts.map((part) => part.day) ?? [];
      const days = table.daily ? (await this.days(name, table)).map((row) => row.day) : [WHOLE];
      this.touch([...published, ...days].map((day) => ({ table: name, day })));
    }
  }

  /** Days whose rows were counted differently or changed since the last manifest, by this or another program. */
  private async findStaleDays(): Promise<void> {
    // A clock that was ahead when the manifest was cut must not hide what changed since.
    const since = this.current ? Math.min(Date.parse(this.current.created_at), Date.now()) - OVERLAP_MS : 0;
    for (const [name, table] of Object.entries(PUBLISHED)) {
      if (!table.daily) {
        this.touch([{ table: name, day: WHOLE }]);
        continue;
      }
      const published = new Map(this.current?.tables[name]?.parts.map((part) => [part.day, part.rows]));
      const days = await this.days(name, table);
      const stale = days.filter(
        (row) => published.get(row.day) !== row.rows || (row.changed_ms ?? 0) >= since,
      );
      const gone = [...published.keys()].filter((day) => !days.some((row) => row.day === day));
      this.touch([...stale.map((row) => row.day), ...gone].map((day) => ({ table: name, day })));
    }
  }

  private async days(name: string, table: PublishedTable): Promise<z.infer<typeof dayRow>[]> {
    return z
      .array(dayRow)
      .parse(
        await this.database.read(daysSql.replaceAll("{table}", name).replaceAll("{changed}", table.changed)),
      );
  }
}

async function readManifest(folder: string, logger: Logger): Promise<Manifest | null> {
  const file = join(folder, MANIFEST);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    await rename(file, `${file}.damaged`);
    logger.warn(
      { file, error: messageOf(error) },
      "The snapshot manifest was damaged; it was set aside and a full snapshot follows",
    );
    return null;
  }
}

function filesOf({ tables }: Pick<Manifest, "tables">): string[] {
  return Object.values(tables).flatMap((table) => table.parts.map((part) => part.file));
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function quote(path: string): string {
  return path.replaceAll("'", "''");
}
