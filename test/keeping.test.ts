import { createHash, randomUUID } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ARCHIVE_NAME, type Archive, type BackupManifest, type RetentionReport } from "@/lib/shape/keeping";
import type { Database } from "../server/database/database";
import { openDatabase } from "../server/database/open";
import type { Touched } from "../server/database/writer";
import { listArchives } from "../server/keeping/archive-folder";
import { refreshArchiveViews } from "../server/keeping/archive-views";
import { keepingFindings } from "../server/keeping/findings";
import { runRetention, type RetentionOptions, type RetentionStep } from "../server/keeping/retention";
import { ended, makeHome, poolwise, startServer, submit, type Home, type Server } from "./harness";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 12);
const KEEP_DAYS = 30;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** One task with its decision, execution and rating, all of one moment; returns its id. */
async function addTask(db: Database, at: number, status = "succeeded"): Promise<string> {
  const task_id = randomUUID();
  const decision_id = randomUUID();
  const common = { task_id, repo: "r", pool_name: "local", strategy: "least_loaded" };
  const ended = status === "succeeded";
  await db.writer.write([
    {
      append: "tasks",
      row: {
        ...common,
        decision_id,
        created_at: at,
        updated_at: at,
        queued_at: at,
        finished_at: ended ? at : null,
        status,
        type: "linting",
        prompt: "it's \u{1F600}",
        files: "[]",
        worker_type: "command",
        tier: "small",
        pool_id: "p",
        priority: 0,
        attempt: 1,
        interruptions: 0,
        retries: 0,
        timeout_seconds: 1,
        metadata: "{}",
        output_bytes: 0,
        idempotency_key: task_id,
      },
    },
    { append: "idempotency_keys", row: { idempotency_key: task_id, task_id, created_at: at } },
    {
      append: "routing_decisions",
      row: {
        ...common,
        decision_id,
        timestamp: at,
        task_type: "linting",
        complexity_score: 1,
        score_parts: "[]",
        tier: "small",
        worker_type: "command",
        confidence: 1,
        expected_savings: 0,
        cost_estimate: 0,
        estimated_tokens: 1,
        pool_id: "p",
        policy_version: "v",
        propensity: 1,
        reason: "r",
      },
    },
    {
      append: "executions",
      row: {
        ...common,
        decision_id: ended ? decision_id : null,
        timestamp: at,
        task_type: "linting",
        task_description: "d",
        file_count: 1,
        estimated_tokens: 1,
        model_tier: "small",
        pool_type: "local",
        routing_confidence: 0.5,
        complexity_score: 1,
        success: true,
        duration_seconds: 0.25,
        cost_estimate: 0.1,
        actual_cost: 0.3,
        metadata: '{"a":[1,2]}',
        input_tokens: 9_007_199_254,
      },
    },
    {
      sql: "INSERT INTO feedback VALUES (gen_random_uuid(), $task_id::UUID, make_timestamp(($at::DOUBLE * 1000)::BIGINT), 'good', NULL, 'words', 'private')",
      values: { task_id, at },
    },
  ]);
  return task_id;
}

const TABLES = ["executions", "tasks", "routing_decisions", "feedback"];

describe("retention", () => {
  let folder: string;
  let archive: string;
  let db: Database;
  let old: string[];
  let recent: string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "poolwise-keeping-"));
    archive = join(folder, "archive");
    mkdirSync(archive);
    db = await openDatabase({ file: join(folder, "learning.db"), allowedDirectories: [archive] });
    const ages = [100, 70, 69, 40, 31, 30.01];
    old = await Promise.all(ages.map((age) => addTask(db, NOW - age * DAY)));
    recent = await Promise.all([29.99, 3, 0].map((age) => addTask(db, NOW - age * DAY)));
  });
  afterEach(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (more: Partial<RetentionOptions> = {}): RetentionOptions => ({
    database: db,
    archiveFolder: archive,
    retentionDays: KEEP_DAYS,
    dryRun: false,
    now: () => NOW,
    ...more,
  });
  const ids = async (table: string, key = "task_id") =>
    (await db.read(`SELECT ${key}::VARCHAR AS id FROM ${table} ORDER BY id`)).map(({ id }) => id);
  /** Every row of live table and archive together, as text in a fixed order: what must never change. */
  const everything = async () => {
    await refreshArchiveViews(db, archive);
    const rows: unknown[] = [];
    for (const table of TABLES)
      rows.push(
        (await db.read(`FROM ${table} UNION ALL BY NAME FROM archived_${table}`))
          .map((row) => JSON.stringify(row))
          .sort(),
      );
    return rows;
  };
  const files = () => readdirSync(archive).sort();

  test("moves exactly the old rows, one file per table and month, and no value changes", async () => {
    const before = await everything();
    const touched: Touched[] = [];
    db.onCommitted((parts) => touched.push(...parts));
    const report = await runRetention(options());
    expect(report.rows).toBe(old.length * TABLES.length);
    expect(report.months.filter(({ table }) => table === "executions")).toMatchObject([
      { month: "2026-03", rows: 1 },
      { month: "2026-04", rows: 2 },
      { month: "2026-05", rows: 3 },
    ]);
    expect(await everything()).toEqual(before);
    for (const table of [...TABLES, "idempotency_keys"])
      expect(await ids(table), table).toEqual([...recent].sort());
    expect(await ids("archived_executions")).toEqual([...old].sort());
    expect(report.checkpointed).toBe(true);
    const registered = await db.read(
      "SELECT file, sha256, bytes::INTEGER AS bytes FROM archives ORDER BY file",
    );
    expect(registered).toEqual(
      files().map((file) => ({
        file,
        sha256: digest(join(archive, file)),
        bytes: statSync(join(archive, file)).size,
      })),
    );
    for (const file of files()) expect(file).toMatch(ARCHIVE_NAME);
    const oldDays = [100, 70, 69, 40, 31, 30.01].map((age) => day(NOW - age * DAY));
    for (const table of ["executions", "routing_decisions"])
      expect(
        touched
          .filter((part) => part.table === table)
          .map((part) => part.day)
          .sort(),
      ).toEqual(oldDays);
  });

  test("a second run does nothing; what becomes old later goes into further files of its month", async () => {
    await runRetention(options());
    const first = files();
    const again = await runRetention(options());
    expect([again.rows, again.months, files()]).toEqual([0, [], first]);
    const later = await runRetention(options({ now: () => NOW + 0.5 * DAY }));
    expect(later.months.filter(({ table }) => table === "executions")).toMatchObject([
      { month: "2026-05", rows: 1 },
    ]);
    expect(files()).toHaveLength(first.length + TABLES.length);
    await refreshArchiveViews(db, archive);
    expect(await ids("archived_executions")).toHaveLength(old.length + 1);
  });

  test("a dry run counts what a run moves, and changes nothing", async () => {
    writeFileSync(join(archive, "executions-2026-01.1.tmp"), "half a file of an earlier run");
    const before = await everything();
    const dry = await runRetention(options({ dryRun: true }));
    expect(files()).toEqual(["executions-2026-01.1.tmp"]);
    expect(await everything()).toEqual(before);
    expect(await ids("executions")).toHaveLength(old.length + recent.length);
    const real = await runRetention(options());
    expect(dry.months).toEqual(real.months.map((month) => ({ ...month, file: null, bytes: null })));
    expect(files().filter((file) => file.endsWith(".tmp"))).toEqual([]);
  });

  test("a task that has not ended stays with its decision and rating, however old", async () => {
    const waiting = await addTask(db, NOW - 200 * DAY, "queued");
    await runRetention(options());
    for (const table of ["tasks", "routing_decisions", "feedback", "idempotency_keys"])
      expect(await ids(table), table).toContain(waiting);
    expect(await ids("executions")).not.toContain(waiting);
  });

  test.each<RetentionStep>(["copied", "verified", "published", "committed"])(
    "interrupted when a month was %s, nothing is lost and nothing is doubled, then or after the next run",
    async (step) => {
      const before = await everything();
      let seen = 0;
      const interrupted = runRetention(
        options({
          onStep: (at) => {
            if (at === step && ++seen === 2) throw new Error("power cut");
          },
        }),
      );
      await expect(interrupted).rejects.toThrow("power cut");
      expect(await everything()).toEqual(before);
      const report = await runRetention(options());
      expect(report.removed).toHaveLength(step === "published" ? 1 : 0);
      expect(report.adopted).toEqual([]);
      expect(await everything()).toEqual(before);
      expect(await ids("executions")).toEqual([...recent].sort());
      const registered = (await db.read("SELECT file FROM archives ORDER BY file")).map(({ file }) => file);
      expect(files()).toEqual(registered);
    },
  );

  test("rows stay when the file written of them is damaged or holds other rows", async () => {
    const before = await everything();
    const damage = runRetention(
      options({
        onStep: (at, file) => {
          if (at === "copied") writeFileSync(file, "PAR1");
        },
      }),
    );
    await expect(damage).rejects.toThrow();
    const swap = runRetention(
      options({
        onStep: async (at, file) => {
          if (at === "copied" && file.includes("executions"))
            await db.export(
              `COPY (FROM executions WHERE timestamp > TIMESTAMP '2026-06-01') TO '${file}' (FORMAT parquet)`,
            );
        },
      }),
    );
    await expect(swap).rejects.toThrow(/not those in the file.*Nothing of that month was deleted/);
    expect(await everything()).toEqual(before);
    expect(await ids("executions")).toHaveLength(old.length + recent.length);
    expect(files()).toEqual([]);
  });

  test("a row that changes after its copy is archived as it is then", async () => {
    const rated = old[0] ?? "";
    let changed = false;
    await runRetention(
      options({
        onStep: async (at) => {
          if (changed || at !== "published") return;
          changed = true;
          await db.writer.write([
            { sql: "UPDATE executions SET user_rating = 2 WHERE task_id = $rated::UUID", values: { rated } },
          ]);
        },
      }),
    );
    await refreshArchiveViews(db, archive);
    expect(
      await db.read("SELECT user_rating FROM archived_executions WHERE task_id = $rated::UUID", { rated }),
    ).toEqual([{ user_rating: 2 }]);
    expect(files()).toEqual(
      (await db.read("SELECT file FROM archives ORDER BY file")).map(({ file }) => file),
    );
  });

  test("files that an older database does not know are taken in when their rows are nowhere else", async () => {
    const before = await everything();
    await runRetention(options());
    await db.writer.write([{ sql: "DELETE FROM archives", values: {} }]);
    const report = await runRetention(options());
    expect(report.adopted.sort()).toEqual(files());
    expect(await everything()).toEqual(before);
  });

  test("missing, damaged and unknown archive files are named, and the others stay queryable", async () => {
    await runRetention(options());
    const folders = { dataDir: folder, archive, snapshots: join(folder, "s"), spool: join(folder, "spool") };
    const archives = await listArchives((sql) => db.export(sql));
    const look = async () =>
      (await keepingFindings(folders, { archives, lastBackup: null, running: false }))
        .filter(({ ok }) => !ok)
        .map(({ finding }) => finding);
    expect(await look()).toEqual([]);
    const [missing = "", broken = ""] = files().filter((file) => file.startsWith("executions"));
    rmSync(join(archive, missing));
    writeFileSync(join(archive, broken), "PAR1");
    const unknown = "tasks-2020-01.0123456789abcdef.parquet";
    writeFileSync(join(archive, unknown), "PAR1");
    mkdirSync(join(folder, "spool"));
    writeFileSync(join(folder, "spool", "outcomes.jsonl"), "{}");
    writeFileSync(join(archive, "x.tmp"), "half");
    expect(await look()).toEqual([
      `${missing}: missing`,
      `${broken}: damaged`,
      `${unknown}: not registered`,
      expect.stringContaining("1 file of outcomes"),
      expect.stringContaining("x.tmp: left by a run that was cut off"),
    ]);
    await refreshArchiveViews(db, archive);
    expect(await db.read("SELECT count(*)::INTEGER AS n FROM archived_executions")).toEqual([{ n: 3 }]);
    await runRetention(options());
    expect(files()).toContain(unknown);
  });

  test("the database opens and archived rows are readable after a crash right behind a run", async () => {
    await runRetention(options());
    await refreshArchiveViews(db, archive);
    const copy = join(folder, "copy");
    mkdirSync(copy);
    for (const name of ["learning.db", "learning.db.wal"])
      if (existsSync(join(folder, name))) cpSync(join(folder, name), join(copy, name));
    const other = await openDatabase({ file: join(copy, "learning.db"), allowedDirectories: [archive] });
    expect(await other.read("SELECT count(*)::INTEGER AS n FROM archived_executions")).toEqual([
      { n: old.length },
    ]);
    await other.close();
  });
});

type Compacted = { compacted: { bytes_before: number; bytes_after: number } };

async function inHome<T>(home: Home, read: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({
    file: join(home.data, "learning.db"),
    allowedDirectories: [join(home.data, "archive")],
  });
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}

const count = async (db: Database, from: string) =>
  (await db.read(`SELECT count(*)::INTEGER AS n FROM ${from}`))[0]?.n;

describe("backup and restore by the command line", () => {
  let home: Home;
  let server: Server;
  let backup: string;
  let elsewhere: Home[] = [];
  beforeAll(async () => {
    home = makeHome();
    backup = join(home.folder, "backup");
    await poolwise(home, ["snapshot"]);
    // Old rows go in before the server starts; it archives them when told.
    await inHome(home, async (db) => {
      for (const age of [200, 170, 100]) await addTask(db, Date.now() - age * DAY);
    });
    server = await startServer(home);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    home.remove();
  });
  afterEach(() => {
    for (const each of elsewhere) each.remove();
    elsewhere = [];
  });
  const another = () => {
    const made = makeHome();
    elsewhere.push(made);
    return made;
  };
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as BackupManifest;
  /** A copy of the backup that a test may damage. */
  const damaged = (target: Home, damage: (folder: string, manifest: BackupManifest) => void) => {
    const folder = join(target.folder, "damaged");
    cpSync(backup, folder, { recursive: true });
    const manifest = manifestOf(folder);
    damage(folder, manifest);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    return folder;
  };

  test("retention runs in the server; the archive is listed and downloaded as it is", async () => {
    const dry = await poolwise(home, ["retention", "--dry-run", "--json"]);
    expect([dry.code, (JSON.parse(dry.stdout) as RetentionReport).rows]).toEqual([0, 12]);
    const run = await poolwise(home, ["retention", "--json"]);
    expect([run.code, (JSON.parse(run.stdout) as RetentionReport).rows]).toEqual([0, 12]);
    const again = await poolwise(home, ["retention"]);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining("0 rows before")]);
    const list = JSON.parse((await poolwise(home, ["archives", "--json"])).stdout) as Archive[];
    expect(list).toHaveLength(12);
    for (const { file, sha256, bytes } of list.slice(0, 3)) {
      const response = await fetch(`${server.url}/api/archives/${file}`);
      expect(response.headers.get("cache-control")).toContain("immutable");
      const body = Buffer.from(await response.arrayBuffer());
      expect([body.length, createHash("sha256").update(body).digest("hex")]).toEqual([bytes, sha256]);
    }
    for (const path of ["archives/..%2flearning.db", "archives/nope.parquet", "backups/nope/tasks.parquet"])
      expect((await fetch(`${server.url}/api/${path}`)).status, path).toBe(404);
  }, 60_000);

  test("a backup taken while 20 writers write is of one moment, and holds all that was acknowledged before", async () => {
    const acknowledged: string[] = [];
    let writing = true;
    const writers = Array.from({ length: 20 }, async () => {
      while (writing) acknowledged.push(await submit(server, { recipe: "say", prompt: "x" }));
    });
    const first = await submit(server, { recipe: "say", prompt: "first" });
    await ended(server, first);
    const before = [...acknowledged, first];
    const run = await poolwise(home, ["backup", backup, "--with-logs", "--json"]);
    writing = false;
    await Promise.all(writers);
    expect([run.code, run.stderr]).toEqual([0, ""]);

    const target = another();
    const restored = await poolwise(target, ["restore", backup, "--json"]);
    expect([restored.code, restored.stderr]).toEqual([0, ""]);
    const manifest = manifestOf(backup);
    await inHome(target, async (db) => {
      for (const [table, { rows }] of Object.entries(manifest.tables))
        expect(await count(db, table), table).toBe(rows);
      expect(await count(db, "executions WHERE task_id NOT IN (SELECT task_id FROM tasks)")).toBe(0);
      expect(
        await count(db, "tasks WHERE decision_id NOT IN (SELECT decision_id FROM routing_decisions)"),
      ).toBe(0);
      expect(
        await count(
          db,
          "tasks WHERE status = 'succeeded' AND task_id NOT IN (SELECT task_id FROM executions)",
        ),
      ).toBe(0);
      const stored = new Set((await db.read("SELECT task_id::VARCHAR AS id FROM tasks")).map(({ id }) => id));
      expect(before.filter((id) => !stored.has(id))).toEqual([]);
      expect(stored.size).toBeLessThanOrEqual(acknowledged.length + 1 + 20);
      await refreshArchiveViews(db, join(target.data, "archive"));
      expect(await count(db, "archived_executions")).toBe(3);
    });
    expect(readFileSync(join(target.data, "logs", `${first}.log`), "utf8")).toBe("first\n");
    expect(readdirSync(join(home.data, "reports"))).toEqual([]);
    const doctor = await poolwise(target, ["doctor"]);
    expect([doctor.code, doctor.stdout]).toEqual([
      0,
      expect.stringMatching(/archive\s+12 files with 12 rows/),
    ]);
  }, 120_000);

  test("a server goes on with a restored database", async () => {
    const target = another();
    await poolwise(target, ["restore", backup]);
    const next = await startServer(target);
    try {
      const id = await submit(next, { recipe: "say", prompt: "after" });
      expect((await ended(next, id)).status).toBe("succeeded");
    } finally {
      await next.stop();
    }
  }, 60_000);

  test("the folder is plain Parquet that any DuckDB opens", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    for (const [table, { rows, file }] of Object.entries(manifestOf(backup).tables)) {
      const found = await connection.runAndReadAll(
        `SELECT count(*)::INTEGER AS n FROM '${join(backup, file)}'`,
      );
      expect(found.getRowObjectsJson(), table).toEqual([{ n: rows }]);
    }
    connection.closeSync();
    instance.closeSync();
  });

  test("nothing is overwritten: not a used folder by a backup, not a database by a restore", async () => {
    const again = await poolwise(home, ["backup", backup]);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/^poolwise: .*is not empty[^\n]*\n$/),
    ]);
    const running = await poolwise(home, ["restore", backup]);
    expect([running.code, running.stderr]).toEqual([
      1,
      expect.stringMatching(/^poolwise: the server at [^\n]*stop it[^\n]*\n$/),
    ]);
    const target = another();
    await poolwise(target, ["restore", backup]);
    const bytes = digest(join(target.data, "learning.db"));
    const second = await poolwise(target, ["restore", backup]);
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(/^poolwise: [^\n]*overwrites nothing[^\n]*\n$/),
    ]);
    expect(digest(join(target.data, "learning.db"))).toBe(bytes);
  }, 60_000);

  test.each<[string, RegExp, (folder: string, manifest: BackupManifest) => void]>([
    [
      "a changed byte",
      /tasks\.parquet is damaged/,
      (folder) => appendFileSync(join(folder, "tasks.parquet"), "x"),
    ],
    [
      "a missing file",
      /executions\.parquet is missing/,
      (folder) => rmSync(join(folder, "executions.parquet")),
    ],
    [
      "a newer schema",
      /schema version 999.*knows up to/,
      (_folder, manifest) => Object.assign(manifest, { schema_version: 999 }),
    ],
    [
      "a path that leads out",
      /manifest\.json is damaged/,
      (_folder, manifest) => Object.assign(manifest.tables.tasks ?? {}, { file: "../tasks.parquet" }),
    ],
    [
      "no backup at all",
      /is no backup/,
      (folder) => rmSync(folder, { recursive: true }) ?? mkdirSync(folder),
    ],
  ])("%s is refused before anything is made", async (what, message, damage) => {
    const target = another();
    const folder = damaged(target, damage);
    if (what === "no backup at all") rmSync(join(folder, "manifest.json"));
    const { code, stderr } = await poolwise(target, ["restore", folder]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(target.data)).toBe(false);
  });

  test("a restore that fails half way leaves nothing behind", async () => {
    const target = another();
    const folder = damaged(target, (_folder, { tables }) => {
      if (tables.tasks) tables.tasks.rows += 1;
    });
    const { code, stderr } = await poolwise(target, ["restore", folder]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/tasks has \d+ of \d+ rows/)]);
    expect(existsSync(target.data)).toBe(false);
  });

  test("a backup of an older schema is restored; what it lacks is empty", async () => {
    const target = another();
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const folder = damaged(target, (path, manifest) => {
      manifest.schema_version = 1;
      manifest.archive = [];
      delete manifest.tables.archives;
      rmSync(join(path, "archives.parquet"));
    });
    const [from, to] = [join(folder, "executions.parquet"), join(folder, "old.parquet")];
    await connection.run(
      `COPY (SELECT * EXCLUDE (updated_at, parent_task_id) FROM '${from}') TO '${to}' (FORMAT parquet)`,
    );
    cpSync(to, from);
    const manifest = manifestOf(folder);
    Object.assign(manifest.tables.executions ?? {}, { sha256: digest(from), bytes: statSync(from).size });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    connection.closeSync();
    instance.closeSync();

    expect(await poolwise(target, ["restore", folder])).toMatchObject({ code: 0, stderr: "" });
    await inHome(target, async (db) => {
      const rows = manifest.tables.executions?.rows;
      expect(await count(db, "executions WHERE updated_at IS NULL")).toBe(rows);
      expect(
        await db.read("SELECT value::INTEGER > 1 AS current FROM metadata WHERE key = 'schema_version'"),
      ).toEqual([{ current: true }]);
    });
  });

  test("compacting gives the space of archived rows back and keeps the others", async () => {
    const target = another();
    await poolwise(target, ["restore", backup]);
    const fill = `INSERT INTO executions (task_id, timestamp, task_type, task_description, repo, file_count, estimated_tokens,
      model_tier, pool_type, routing_confidence, complexity_score, success, duration_seconds, cost_estimate, actual_cost)
      SELECT uuid(), TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND, 't', md5(i::VARCHAR), 'r', 1, 1, 'small', 'local', 1, 1, true, 1, 0, 0
      FROM range(200000) AS rows(i)`;
    const kept = await inHome(target, async (db) => {
      const rows = await count(db, "executions");
      await db.writer.write([{ sql: fill, values: {} }]);
      return rows;
    });
    const { code, stdout } = await poolwise(target, ["retention", "--compact", "--json"]);
    const report = JSON.parse(stdout) as RetentionReport & Compacted;
    expect([code, report.rows]).toEqual([0, 200_000]);
    expect(report.compacted.bytes_after).toBeLessThan(report.compacted.bytes_before / 2);
    expect(statSync(join(target.data, "learning.db")).size).toBe(report.compacted.bytes_after);
    await inHome(target, async (db) => expect(await count(db, "executions")).toBe(kept));
    expect((await poolwise(target, ["doctor"])).code).toBe(0);
  }, 60_000);
});
