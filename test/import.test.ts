import { randomUUID, createHash } from "node:crypto";
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ImportReport } from "@/server/imports/run";
import { makeHome, poolwise, post, startServer, type Home } from "./harness";

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

/** Runs statements on a file of its own and lets go of it. */
async function duckdb(file: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements)
      rows = (await connection.runAndReadAll(statement)).getRowObjectsJson();
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const learning = (of: Home = home) => join(of.data, "learning.db");
const inDatabase = (sql: string, of: Home = home) => duckdb(learning(of), sql);
const path = (name: string) => join(home.folder, name);

async function importing(
  args: string[],
  of: Home = home,
): Promise<{ code: number | null; report: ImportReport; stderr: string }> {
  const { code, stdout, stderr } = await poolwise(of, ["import", ...args, "--json"]);
  try {
    return { code, report: JSON.parse(stdout) as ImportReport, stderr };
  } catch {
    throw new Error(`exit ${code}; stdout: ${stdout}; stderr: ${stderr}`);
  }
}

function expectSameSums({ sums }: ImportReport): void {
  for (const key of Object.keys(sums.read) as (keyof typeof sums.read)[])
    expect(sums.in_database[key], key).toBeCloseTo(sums.read[key], 3);
}

/** The reference's table: 27 columns, a fixed-size vector, its five indexes. */
const REFERENCE = `CREATE TABLE executions (
  task_id UUID PRIMARY KEY, timestamp TIMESTAMP NOT NULL, task_type VARCHAR NOT NULL, task_description VARCHAR NOT NULL,
  repo VARCHAR NOT NULL, file_count INTEGER NOT NULL, estimated_tokens INTEGER NOT NULL, model_tier VARCHAR NOT NULL,
  pool_type VARCHAR NOT NULL, swarm_topology VARCHAR, routing_confidence FLOAT NOT NULL, complexity_score INTEGER NOT NULL,
  success BOOLEAN NOT NULL, duration_seconds FLOAT NOT NULL, quality_score INTEGER, cost_estimate FLOAT NOT NULL,
  actual_cost FLOAT NOT NULL, error_type VARCHAR, error_message VARCHAR, user_accepted BOOLEAN, user_rating INTEGER,
  peak_memory_mb FLOAT, cpu_time_seconds FLOAT, solution_summary VARCHAR, embedding FLOAT[384], metadata JSON,
  uploaded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`;

/** Writes `rows` good rows in the oldest storage that is still read. */
async function writeReference(file: string, rows: number, ...more: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`ATTACH '${file}' AS reference (STORAGE_VERSION 'v1.0.0')`);
  await connection.run("USE reference");
  await connection.run(REFERENCE);
  await connection.run("CREATE INDEX idx_repo ON executions (repo, task_type, timestamp)");
  await connection.run(`INSERT INTO executions SELECT uuid(), TIMESTAMP '2026-03-01 10:00:00.123456' + INTERVAL (i) MINUTE,
    'debugging', 'secret prompt ' || i, 'repo' || i % 3, i % 7, i, ['small','medium','large'][1 + i % 3], 'mahavishnu', NULL,
    0.8, i % 100, i % 5 <> 0, 0.1 * (i % 50), i % 101, 0.001 * (i % 10), 0.0013 * (i % 10),
    CASE WHEN i % 5 = 0 THEN 'timeout' END, CASE WHEN i % 5 = 0 THEN 'took too long' END, true, 1 + i % 5, 10.5, 0.5,
    'secret summary', array_value(${Array.from({ length: 384 }, (_, k) => `${k / 8}::FLOAT`).join(",")}),
    '{"team":"x","prompt":"secret prompt"}', TIMESTAMP '2026-03-02' FROM range(${rows}) t(i)`);
  for (const statement of more) await connection.run(statement);
  await connection.run("USE memory");
  await connection.run("DETACH reference");
  connection.closeSync();
  instance.closeSync();
}

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("a database of the reference", () => {
  test("comes in with equal counts and sums, once, without its texts, and stays as it was", async () => {
    const file = path("reference.db");
    await writeReference(file, 2_300);
    const before = digest(file);
    const first = await importing(["mahavishnu", file]);
    expect(first.code).toBe(0);
    expect(first.report).toMatchObject({
      read: 2_300,
      inserted: 2_300,
      already_there: 0,
      repeated: 0,
      rejected: 0,
    });
    expectSameSums(first.report);
    const columns = `count(*)::INTEGER AS n, round(sum(duration_seconds), 3) AS d, round(sum(actual_cost), 4) AS c, sum(estimated_tokens)::INTEGER AS t, min(timestamp)::VARCHAR AS t0,
      count(*) FILTER (success)::INTEGER AS s, sum(quality_score)::INTEGER AS q, sum(user_rating)::INTEGER AS r, max(uploaded_at)::VARCHAR AS u`;
    expect(await inDatabase(`SELECT ${columns} FROM executions WHERE source = 'mahavishnu'`)).toEqual(
      await duckdb(file, `SELECT ${columns} FROM executions`),
    );
    expect(
      await inDatabase(
        "SELECT DISTINCT task_description, solution_summary, embedding, metadata::VARCHAR AS m, error_type FROM executions WHERE NOT success",
      ),
    ).toEqual([
      {
        task_description: "mahavishnu task",
        solution_summary: null,
        embedding: null,
        m: '{"team":"x"}',
        error_type: "timeout",
      },
    ]);
    const second = await importing(["mahavishnu", file]);
    expect(second.code).toBe(0);
    expect(second.report).toMatchObject({ read: 2_300, inserted: 0, already_there: 2_300, rejected: 0 });
    expectSameSums(second.report);
    expect(await inDatabase("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 2_300 }]);
    expect(digest(file)).toBe(before);
    const parts = readdirSync(join(home.data, "snapshots")).filter((name) =>
      name.startsWith("executions-2026-03-0"),
    );
    expect(parts.length).toBeGreaterThanOrEqual(2);
  });

  test("rows that break a rule are named with the reason and kept in import_rejects, once", async () => {
    const file = path("reference.db");
    const bad = (set: string) =>
      `INSERT INTO executions SELECT * REPLACE (${set}) FROM executions ORDER BY timestamp LIMIT 1`;
    await writeReference(
      file,
      10,
      bad("uuid() AS task_id, 1.5 AS routing_confidence, 400 AS complexity_score"),
      bad("uuid() AS task_id, 'huge' AS model_tier"),
      bad("uuid() AS task_id, -1 AS duration_seconds"),
      bad("uuid() AS task_id, 9 AS user_rating"),
      bad("uuid() AS task_id, 'nan'::FLOAT AS actual_cost"),
    );
    const { code, report } = await importing(["mahavishnu", file]);
    expect(code).toBe(1);
    expect(report).toMatchObject({ read: 15, inserted: 10, rejected: 5 });
    const reasons = report.first_rejects.map(({ reason }) => reason);
    expect(reasons).toEqual([
      "routing_confidence: must be 0 to 1, found 1.5; complexity_score: must be 0 to 100, found 400",
      expect.stringMatching(/^model_tier: .*found "huge"$/),
      "duration_seconds: must not be negative, found -1",
      "user_rating: must be 1 to 5, found 9",
      expect.stringMatching(/^cost_estimate|^actual_cost: must be a number, found "NaN"/),
    ]);
    expect(report.first_rejects[0]?.reference).toMatch(/^row 11, task_id [0-9a-f-]{36}$/);
    const human = await poolwise(home, ["import", "mahavishnu", file]);
    expect(human.code).toBe(1);
    expect(human.stdout).toMatch(
      /15 read, 0 inserted, 10 already there, 0 repeated in the source, 5 rejected/,
    );
    expect(human.stdout).toMatch(/rejected: row 12, task_id .*: model_tier/);
    const kept = await inDatabase("SELECT import_id::VARCHAR AS i, source, reason FROM import_rejects");
    expect(kept).toHaveLength(5);
    expect(kept.every((row) => row.i === report.import_id && row.source === "mahavishnu")).toBe(true);
  });

  test("with --with-text brings texts and vectors, cut to what the columns hold and never through a character", async () => {
    const file = path("reference.db");
    await writeReference(
      file,
      6,
      `UPDATE executions SET task_description = repeat('a', 499) || '\u{1F600}b', error_message = repeat('é', 1200) WHERE error_type IS NOT NULL`,
    );
    const { code } = await importing(["mahavishnu", file, "--with-text"]);
    expect(code).toBe(0);
    expect(
      await inDatabase(`SELECT DISTINCT length(task_description)::INTEGER AS d, length(error_message)::INTEGER AS e, len(embedding)::INTEGER AS v, embedding[9] AS x,
        solution_summary AS s, metadata->>'prompt' AS p FROM executions WHERE NOT success`),
    ).toEqual([{ d: 499, e: 1_000, v: 384, x: 1, s: "secret summary", p: "secret prompt" }]);
  });

  test("of another version: columns missing, added or of other types, ids that are no UUIDs", async () => {
    const file = path("old.db");
    await duckdb(
      file,
      `CREATE TABLE executions AS SELECT 'task-' || i AS task_id, epoch_ms(1767225600000 + i)::TIMESTAMPTZ AS timestamp, 'review' AS task_type, 'r' AS repo,
         'small' AS model_tier, true AS success, 2::BIGINT AS duration_seconds, 0.5::DECIMAL(9,3) AS actual_cost, 'ValueError' AS error_type, 1 AS novelty FROM range(3) t(i)`,
    );
    const { code, report } = await importing(["mahavishnu", file]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ read: 3, inserted: 3 });
    expect(report.notes).toEqual([
      { note: "column novelty has no counterpart here and was passed over", count: 1 },
    ]);
    expect(
      await inDatabase(
        "SELECT timestamp::VARCHAR AS t, pool_type AS p, actual_cost AS c, error_type AS e, metadata->>'source_id' AS id, metadata->>'source_error_type' AS et FROM executions ORDER BY 1 LIMIT 1",
      ),
    ).toEqual([
      { t: "2026-01-01 00:00:00", p: "mahavishnu", c: 0.5, e: "unknown", id: "task-0", et: "ValueError" },
    ]);
    expect((await importing(["mahavishnu", file])).report).toMatchObject({ inserted: 0, already_there: 3 });
  });

  test("--dry-run says what would come in and creates nothing", async () => {
    const file = path("reference.db");
    await writeReference(file, 5);
    const { code, report } = await importing(["mahavishnu", file, "--dry-run"]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ dry_run: true, read: 5, inserted: 5 });
    expect(existsSync(learning())).toBe(false);
    await importing(["mahavishnu", file]);
    await duckdb(
      file,
      "INSERT INTO executions SELECT * REPLACE (uuid() AS task_id, 7 AS user_rating) FROM executions LIMIT 1",
    );
    expect((await importing(["mahavishnu", file, "--dry-run"])).report).toMatchObject({
      already_there: 5,
      rejected: 1,
    });
    expect(
      await inDatabase(
        "SELECT (SELECT count(*) FROM executions)::INTEGER AS n, (SELECT count(*) FROM import_rejects)::INTEGER AS r",
      ),
    ).toEqual([{ n: 5, r: 0 }]);
  });

  test("our own database is refused under every name, and keeps its rows", async () => {
    const file = path("reference.db");
    await writeReference(file, 5);
    await importing(["mahavishnu", file]);
    symlinkSync(learning(), path("link.db"));
    linkSync(learning(), path("hard.db"));
    for (const name of [learning(), path("link.db"), path("hard.db")]) {
      const { code, stdout, stderr } = await poolwise(home, ["import", "mahavishnu", name]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/own database; there is nothing to import from it\.\n$/);
    }
    expect(await inDatabase("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 5 }]);
  });

  test("a file in use, a file that is no database and one without the table are said in one line", async () => {
    const file = path("reference.db");
    await writeReference(file, 1);
    const script = `import { DuckDBInstance } from "@duckdb/node-api"; await DuckDBInstance.create(process.argv[1]); console.log("open"); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script, file], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      await new Promise((resolve) => holder.stdout.once("data", resolve));
      const { code, stderr } = await poolwise(home, ["import", "mahavishnu", file]);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`is open in another program .*process ${holder.pid}.*import the copy\\.\\n$`),
      );
    } finally {
      holder.kill("SIGKILL");
    }
    writeFileSync(path("text.db"), "hello ".repeat(1_000));
    const text = await poolwise(home, ["import", "mahavishnu", path("text.db")]);
    expect([text.code, text.stderr.trim().split("\n").length]).toEqual([1, 1]);
    await duckdb(path("empty.db"), "CREATE TABLE other (a INTEGER)");
    const empty = await poolwise(home, ["import", "mahavishnu", path("empty.db")]);
    expect([empty.code, empty.stderr]).toEqual([
      2,
      `poolwise: ${path("empty.db")} has no table executions; it has other\n`,
    ]);
  });
});

describe("sessions of Claude Code", () => {
  const session = "11111111-1111-4111-8111-111111111111";
  const at = (seconds: number) => new Date(Date.UTC(2026, 3, 1, 12, 0, seconds)).toISOString();
  const user = (seconds: number, content: unknown, more: object = {}) => ({
    type: "user",
    uuid: `user-${seconds}`,
    sessionId: session,
    timestamp: at(seconds),
    cwd: "/home/me/shop",
    version: "2.1.0",
    isSidechain: false,
    message: { role: "user", content },
    ...more,
  });
  const answer = (seconds: number, id: string, usage: object, more: object = {}, content: object[] = []) => ({
    type: "assistant",
    uuid: randomUUID(),
    sessionId: session,
    timestamp: at(seconds),
    isSidechain: false,
    requestId: `req-${id}`,
    ...more,
    message: {
      id,
      role: "assistant",
      model: "claude-sonnet-4-5-20250929",
      stop_reason: "end_turn",
      content,
      usage,
      ...(more as { message?: object }).message,
    },
  });
  const lines = (...values: unknown[]) =>
    values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n") + "\n";
  const usage = {
    input_tokens: 10,
    output_tokens: 100,
    cache_read_input_tokens: 1_000,
    cache_creation_input_tokens: 200,
  };
  const tool = (id: string, name: string, input: object) => ({ type: "tool_use", id, name, input });

  function writeSessions(): string {
    const folder = path("projects");
    mkdirSync(join(folder, "-home-me-shop", session, "subagents"), { recursive: true });
    const main = [
      { type: "summary", summary: "secret" },
      user(0, "secret question"),
      // The same answer, written for each of its parts while it grows.
      answer(2, "m1", { ...usage, output_tokens: 1 }, {}, [tool("t1", "Read", { file_path: "/a" })]),
      answer(3, "m1", usage, {}, [tool("t2", "Edit", { file_path: "/a" })]),
      user(4, [{ type: "tool_result", tool_use_id: "t1", content: "secret file" }]),
      answer(8, "m2", {
        ...usage,
        cache_creation: { ephemeral_1h_input_tokens: 200, ephemeral_5m_input_tokens: 0 },
      }),
      user(20, "<command-name>/clear</command-name>"),
      user(30, [{ type: "text", text: "second question" }]),
      answer(32, "m3", usage, { message: { model: "brand-new-model" } }),
      user(33, [{ type: "text", text: "[Request interrupted by user]" }]),
    ];
    writeFileSync(
      join(folder, "-home-me-shop", `${session}.jsonl`),
      lines(...main, '{"type":"assistant","mess'),
    );
    // A copy of the session as resuming it made one, with another prompt after it.
    writeFileSync(
      join(folder, "-home-me-shop", "22222222-2222-4222-8222-222222222222.jsonl"),
      lines(...main.slice(1), user(40, "third"), answer(45, "m4", { input_tokens: 1, output_tokens: 2 })),
    );
    writeFileSync(
      join(folder, "-home-me-shop", session, "subagents", "agent-1.jsonl"),
      lines(
        user(4, "secret task", { isSidechain: true }),
        answer(6, "s1", { input_tokens: 5, output_tokens: 50 }, { isSidechain: true }),
      ),
    );
    return folder;
  }

  test("become one execution per prompt; repeated usage counts once, subagents count for their prompt", async () => {
    const folder = writeSessions();
    const { code, report } = await importing(["claude-code", folder]);
    expect(code).toBe(1);
    expect(report).toMatchObject({ read: 4, inserted: 3, rejected: 1 });
    expect(report.first_rejects[0]?.reference).toMatch(/1{8}.*\.jsonl:11$/);
    expectSameSums(report);
    const rows = await inDatabase(
      `SELECT timestamp::VARCHAR AS t, task_description AS d, repo AS r, model AS m, model_tier AS tier, success AS s, error_type AS e, file_count AS f,
         input_tokens::INTEGER AS i, output_tokens::INTEGER AS o, (metadata->>'cache_read_tokens')::INTEGER AS cr, (metadata->>'cache_write_tokens')::INTEGER AS cw,
         duration_seconds AS s2, round(actual_cost, 7) AS c, metadata->'tools' AS tools, metadata->>'price_unknown' AS pu, source
       FROM executions ORDER BY timestamp`,
    );
    expect(rows).toEqual([
      {
        t: "2026-04-01 12:00:08",
        d: "claude-code prompt",
        r: "shop",
        m: "claude-sonnet-4-5-20250929",
        tier: "medium",
        s: true,
        e: null,
        f: 1,
        i: 25,
        o: 250,
        cr: 2_000,
        cw: 400,
        s2: 8,
        c: expect.closeTo(0.006375, 6),
        tools: '{"Read":1,"Edit":1}',
        pu: null,
        source: "claude-code",
      },
      expect.objectContaining({
        m: "brand-new-model",
        tier: "medium",
        s: false,
        e: "cancelled",
        c: 0,
        pu: "true",
      }),
      expect.objectContaining({ t: "2026-04-01 12:00:45", i: 1, o: 2, s2: 5 }),
    ]);
    expect(JSON.stringify(await inDatabase("SELECT * FROM executions"))).not.toContain("secret");
    const second = await importing(["claude-code", folder]);
    expect(second.report).toMatchObject({ inserted: 0, already_there: 3, rejected: 1 });
    expect(await inDatabase("SELECT count(*)::INTEGER AS n FROM import_rejects")).toEqual([{ n: 1 }]);
  });

  test("bring the prompts with --with-text", async () => {
    await importing(["claude-code", writeSessions(), "--with-text"]);
    expect(await inDatabase("SELECT task_description AS d FROM executions ORDER BY timestamp")).toEqual([
      { d: "secret question" },
      { d: "second question" },
      { d: "third" },
    ]);
  });

  test("a prompt that is still being worked on is left for later and then comes in whole", async () => {
    const now = (ago: number) => ({ timestamp: new Date(Date.now() - ago * 1_000).toISOString() });
    const first = [
      user(0, "q", now(20)),
      answer(1, "a1", usage, { ...now(10), message: { stop_reason: "tool_use" } }),
    ];
    const file = path("live.jsonl");
    writeFileSync(file, lines(...first));
    expect((await importing(["claude-code", file])).report).toMatchObject({ read: 0, inserted: 0 });
    writeFileSync(file, lines(...first, answer(2, "a2", usage, now(5))));
    const { report } = await importing(["claude-code", file]);
    expect(report).toMatchObject({
      inserted: 1,
      sums: { in_database: { output_tokens: 200, cache_tokens: 2_400 } },
    });
  });
});

describe("usage from other programs", () => {
  test("ccusage: one execution per entry and model, with its costs; a day that is not over waits", async () => {
    const entry = (date: string) => ({
      date,
      inputTokens: 30,
      outputTokens: 40,
      cacheCreationTokens: 5,
      cacheReadTokens: 6,
      totalTokens: 81,
      totalCost: 1.5,
      modelsUsed: ["claude-opus-4-1", "claude-haiku-4-5"],
      modelBreakdowns: [
        {
          modelName: "claude-opus-4-1",
          inputTokens: 10,
          outputTokens: 20,
          cacheCreationTokens: 5,
          cacheReadTokens: 6,
          cost: 1,
        },
        {
          modelName: "claude-haiku-4-5",
          inputTokens: 20,
          outputTokens: 20,
          cacheCreationTokens: 0,
          cacheReadTokens: 0,
          cost: 0.5,
        },
      ],
    });
    writeFileSync(
      path("daily.json"),
      JSON.stringify({
        daily: [entry("2026-01-05"), entry(new Date().toISOString().slice(0, 10)), { date: "" }],
        totals: {},
      }),
    );
    const { code, report } = await importing(["ccusage", path("daily.json")]);
    expect(code).toBe(1);
    expect(report).toMatchObject({
      read: 3,
      inserted: 2,
      rejected: 1,
      sums: { in_database: { input_tokens: 30, output_tokens: 40, cache_tokens: 11 } },
    });
    expect(report.sums.in_database.cost_usd).toBeCloseTo(1.5, 6);
    expect(report.notes[0]?.note).toMatch(/not over/);
    const session = {
      sessions: [
        {
          sessionId: "s",
          lastActivity: "2026-01-06",
          inputTokens: 1,
          outputTokens: 2,
          totalCost: 0.1,
          modelsUsed: ["claude-opus-4-1"],
          projectPath: "shop",
        },
      ],
    };
    writeFileSync(path("session.json"), JSON.stringify(session));
    expect((await importing(["ccusage", path("session.json")])).report).toMatchObject({ inserted: 1 });
    expect((await importing(["ccusage", path("daily.json")])).report).toMatchObject({
      inserted: 0,
      already_there: 2,
    });
    expect(
      await inDatabase("SELECT model_tier AS t, task_type AS k FROM executions ORDER BY timestamp, t"),
    ).toEqual([
      { t: "large", k: "daily_usage" },
      { t: "small", k: "daily_usage" },
      { t: "large", k: "session_usage" },
    ]);
  });

  const log = {
    request_id: "chatcmpl-1",
    call_type: "acompletion",
    api_key: "secret-key",
    spend: 0.02,
    total_tokens: 150,
    prompt_tokens: 100,
    completion_tokens: 50,
    startTime: "2026-02-01T10:00:00.000Z",
    endTime: "2026-02-01 10:00:02.500000+00:00",
    model: "gpt-4o-mini",
    custom_llm_provider: "openai",
    user: "secret-user",
    metadata: { status: "success", additional_usage_values: { cache_read_input_tokens: 30 } },
    cache_hit: "False",
    messages: [{ role: "user", content: "secret" }],
  };
  const failed = {
    ...log,
    request_id: "chatcmpl-2",
    spend: 0,
    completion_tokens: 0,
    metadata: JSON.stringify({
      status: "failure",
      error_information: { error_class: "RateLimitError", error_code: "429", error_message: "slow down" },
    }),
  };

  test("litellm: spend logs as JSON, with duplicates and failures", async () => {
    writeFileSync(path("logs.json"), JSON.stringify({ data: [log, failed, log, { call_type: "x" }] }));
    const { report } = await importing(["litellm", path("logs.json")]);
    expect(report).toMatchObject({ read: 4, inserted: 2, repeated: 1, rejected: 1 });
    expectSameSums(report);
    const rows = await inDatabase(
      "SELECT input_tokens::INTEGER AS i, output_tokens::INTEGER AS o, metadata->>'cache_read_tokens' AS cr, duration_seconds AS d, actual_cost AS c, success AS s, error_type AS e, error_message AS m FROM executions ORDER BY s DESC",
    );
    expect(rows).toEqual([
      { i: 70, o: 50, cr: "30", d: 2.5, c: expect.closeTo(0.02, 6), s: true, e: null, m: null },
      { i: 100, o: 0, cr: null, d: 2.5, c: 0, s: false, e: "rate_limit", m: "slow down" },
    ]);
    expect(JSON.stringify(await inDatabase("SELECT * FROM executions"))).not.toContain("secret");
  });

  test("litellm: the same logs as CSV are the same executions; a damaged line is named", async () => {
    writeFileSync(path("logs.json"), JSON.stringify([log, failed]));
    await importing(["litellm", path("logs.json")]);
    const names = [
      "request_id",
      "call_type",
      "spend",
      "prompt_tokens",
      "completion_tokens",
      "startTime",
      "endTime",
      "model",
      "metadata",
    ] as const;
    const cell = (value: unknown) =>
      `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
    const line = (entry: typeof log | typeof failed) => names.map((name) => cell(entry[name])).join(",");
    writeFileSync(
      path("logs.csv"),
      [
        names.join(","),
        line(log),
        "only,three,cells",
        line(failed),
        line({ ...log, request_id: "chatcmpl-3" }),
      ].join("\n"),
    );
    const { code, report } = await importing(["litellm", path("logs.csv")]);
    expect(code).toBe(1);
    expect(report).toMatchObject({ read: 4, inserted: 1, already_there: 2, rejected: 1 });
    expect(report.first_rejects[0]?.reference).toBe("line 3");
  });

  test("otlp: GenAI, OpenInference and OpenLLMetry spans, once each; spans of agents do not count twice", async () => {
    const attributes = (values: Record<string, string | number>) =>
      Object.entries(values).map(([key, value]) => ({
        key,
        value:
          typeof value === "string"
            ? { stringValue: value }
            : Number.isInteger(value)
              ? { intValue: String(value) }
              : { doubleValue: value },
      }));
    const span = (spanId: string, values: Record<string, string | number>, more: object = {}) => ({
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId,
      name: "call",
      startTimeUnixNano: "1767225600000000000",
      endTimeUnixNano: "1767225601500000000",
      attributes: attributes(values),
      status: {},
      ...more,
    });
    const exported = (...spans: object[]) => ({
      resourceSpans: [
        {
          resource: { attributes: attributes({ "service.name": "shop" }) },
          scopeSpans: [{ scope: { name: "x" }, spans }],
        },
      ],
    });
    const genai = span("aaaaaaaaaaaaaaaa", {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.usage.input_tokens": 1_000,
      "gen_ai.usage.output_tokens": 100,
      "gen_ai.usage.cache_read.input_tokens": 600,
      "gen_ai.input.messages": "secret",
    });
    const agent = span("bbbbbbbbbbbbbbbb", {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.usage.input_tokens": 1_000,
      "gen_ai.usage.output_tokens": 100,
    });
    const openinference = span(
      "cccccccccccccccc",
      {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o",
        "llm.token_count.prompt": 10,
        "llm.token_count.completion": 20,
        "llm.cost.total": 0.25,
        "input.value": "secret",
      },
      { status: { code: 2, message: "APITimeoutError" } },
    );
    const chain = span("dddddddddddddddd", {
      "openinference.span.kind": "CHAIN",
      "llm.token_count.prompt": 10,
    });
    const openllmetry = span("eeeeeeeeeeeeeeee", {
      "llm.request.type": "chat",
      "gen_ai.system": "OpenAI",
      "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
      "gen_ai.usage.prompt_tokens": 7,
      "gen_ai.usage.completion_tokens": 8,
      "llm.usage.total_tokens": 15,
      "gen_ai.prompt.0.content": "secret",
    });
    const file = path("traces.jsonl");
    writeFileSync(
      file,
      [exported(genai, agent), exported(openinference, chain, genai), exported(openllmetry)]
        .map((each) => JSON.stringify(each))
        .join("\n") + '\n{"resourceSpans": [',
    );
    const { code, report } = await importing(["otlp", file]);
    expect(code).toBe(1);
    expect(report).toMatchObject({ read: 5, inserted: 3, repeated: 1, rejected: 1, notes: [{ count: 2 }] });
    expectSameSums(report);
    expect(
      await inDatabase(
        "SELECT metadata->>'dialect' AS d, repo AS r, input_tokens::INTEGER AS i, output_tokens::INTEGER AS o, duration_seconds AS s, error_type AS e, model_tier AS t, round(actual_cost, 6)::DOUBLE AS c FROM executions ORDER BY d",
      ),
    ).toEqual([
      {
        d: "genai",
        r: "shop",
        i: 400,
        o: 100,
        s: 1.5,
        e: null,
        t: "medium",
        c: expect.closeTo((400 * 3 + 100 * 15 + 600 * 0.3) / 1e6, 6),
      },
      { d: "openinference", r: "shop", i: 10, o: 20, s: 1.5, e: "timeout", t: "medium", c: 0.25 },
      {
        d: "openllmetry",
        r: "shop",
        i: 7,
        o: 8,
        s: 1.5,
        e: null,
        t: "small",
        c: expect.closeTo((7 * 0.15 + 8 * 0.6) / 1e6, 6),
      },
    ]);
    expect(JSON.stringify(await inDatabase("SELECT * FROM executions"))).not.toContain("secret");
    const whole = path("traces.json");
    writeFileSync(whole, JSON.stringify(exported(genai, openinference), null, 2));
    expect((await importing(["otlp", whole])).report).toMatchObject({ inserted: 0, already_there: 2 });
  });
});

describe("tables with columns of their own", () => {
  test("csv: columns are mapped, alike rows stay apart, wrong values and damaged lines are named", async () => {
    const file = path("jobs.csv");
    writeFileSync(
      file,
      "when,what,usd,secs,tier\n2026-01-02 03:04:05,build,0.5,10,small\n2026-01-02 03:04:05,build,0.5,10,small\n2026-01-02T04:00:00+01:00,test,0.25,20,\nyesterday,test,1,1,small\nx,y\n1767323045,test,one,1,small\n",
    );
    const args = [
      "csv",
      file,
      "--map",
      "timestamp=when",
      "--map",
      "task_type=what",
      "--map",
      "actual_cost=usd",
      "--map",
      "duration_seconds=secs",
      "model_tier=tier",
    ];
    const { code, report } = await importing(args);
    expect(code).toBe(1);
    expect(report).toMatchObject({
      read: 6,
      inserted: 3,
      rejected: 3,
      sums: { in_database: { cost_usd: 1.25, duration_seconds: 40 } },
    });
    expect(report.first_rejects.map(({ reference }) => reference)).toEqual(["row 4", "row 5", "line 6"]);
    expect(report.first_rejects[0]?.reason).toBe('timestamp: must be a time, found "yesterday"');
    expect((await importing(args)).report).toMatchObject({ inserted: 0, already_there: 3 });
    expect(
      await inDatabase(
        "SELECT model_tier AS m, timestamp::VARCHAR AS t FROM executions WHERE task_type = 'test'",
      ),
    ).toEqual([{ m: "medium", t: "2026-01-02 03:00:00" }]);
  });

  test("csv: the same ids in files of two sources are different executions", async () => {
    writeFileSync(path("a.csv"), "task_id,timestamp,repo\n1,2026-01-01,a\n2,2026-01-01,a\n");
    writeFileSync(path("b.csv"), "task_id,timestamp,repo\n1,2026-01-01,b\n");
    await importing(["csv", path("a.csv"), "--source", "team-a"]);
    expect((await importing(["csv", path("b.csv"), "--source", "team-b"])).report).toMatchObject({
      source: "team-b",
      inserted: 1,
    });
    expect((await importing(["csv", path("b.csv"), "--source", "team-a"])).report).toMatchObject({
      inserted: 0,
      already_there: 1,
    });
    expect(
      await inDatabase("SELECT source, count(*)::INTEGER AS n FROM executions GROUP BY ALL ORDER BY ALL"),
    ).toEqual([
      { source: "team-a", n: 2 },
      { source: "team-b", n: 1 },
    ]);
  });

  test("parquet: numbers and times keep their types", async () => {
    const file = path("jobs.parquet");
    await duckdb(
      ":memory:",
      `COPY (SELECT uuid() AS id, TIMESTAMP '2026-01-01' + INTERVAL (i) HOUR AS ended, i::BIGINT AS input_tokens, i / 100 AS usd FROM range(1500) t(i)) TO '${file}'`,
    );
    const { code, report } = await importing([
      "parquet",
      file,
      "--map",
      "task_id=id",
      "timestamp=ended",
      "actual_cost=usd",
      "--repo",
      "shop",
    ]);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      inserted: 1_500,
      sums: { read: { input_tokens: 1_124_250 }, in_database: { input_tokens: 1_124_250 } },
    });
    expect(await inDatabase("SELECT DISTINCT repo, source FROM executions")).toEqual([
      { repo: "shop", source: "parquet" },
    ]);
  });

  test.each([
    [["csv", "FILE"], /say which column is the time with --map timestamp=<column>.*when/],
    [["csv", "FILE", "--map", "timestamp=nope"], /has no column nope; it has when/],
    [["csv", "FILE", "--map", "colour=when"], /colour is no column here/],
    [["csv", "FILE", "--map", "when"], /expected column=source/],
    [["csv", "/no/such/file"], /does not exist/],
    [["ccusage", "FILE"], /is not JSON/],
    [["poolwise", "FOLDER"], /neither the manifest of a snapshot nor executions/],
    [["claude-code", "FOLDER"], /has no \*\.jsonl files/],
    [["nonsense", "FILE"], /unknown command/],
  ])("%j is a usage error: exit 2", async (args, line) => {
    writeFileSync(path("x.csv"), "when\n2026-01-01\n");
    mkdirSync(path("nothing"));
    const { code, stdout, stderr } = await poolwise(home, [
      "import",
      ...args.map((arg) => (arg === "FILE" ? path("x.csv") : arg === "FOLDER" ? path("nothing") : arg)),
    ]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(line);
  });
});

describe("what a Poolwise exported", () => {
  let other: Home;
  beforeEach(() => {
    other = makeHome();
  });
  afterEach(() => other.remove());

  const totals = `SELECT count(*)::INTEGER AS n, sum(actual_cost)::DOUBLE AS c, sum(duration_seconds)::DOUBLE AS d, sum(input_tokens)::DOUBLE AS i, sum(hash(task_id, timestamp, task_description, source, model_tier, success, uploaded_at))::VARCHAR AS h FROM executions`;

  test.each(["snapshot", "report"])(
    "comes back from a %s with equal sums, texts and sources",
    async (form) => {
      const file = path("reference.db");
      await writeReference(file, 1_600);
      await importing(["mahavishnu", file, "--with-text"]);
      await poolwise(home, [
        "pool",
        "execute",
        "local",
        "--prompt",
        "hello",
        "--recipe",
        "say",
        "--repo",
        "work",
      ]);
      let folder = join(home.data, "snapshots");
      if (form === "report") {
        folder = path("export");
        mkdirSync(folder);
        await poolwise(home, ["report", "executions", "-o", join(folder, "executions.parquet")]);
      }
      const { code, report } = await importing(["poolwise", folder], other);
      expect(code).toBe(0);
      expect(report).toMatchObject({ read: 1_601, inserted: 1_601 });
      expectSameSums(report);
      expect(await inDatabase(totals, other)).toEqual(await inDatabase(totals));
      expect((await importing(["poolwise", folder], other)).report).toMatchObject({
        inserted: 0,
        already_there: 1_601,
      });
      expect((await importing(["poolwise", folder])).report).toMatchObject({
        inserted: 0,
        already_there: 1_601,
      });
    },
  );

  test("a part that is missing or changed is rejected by name, the others come in", async () => {
    const file = path("reference.db");
    await writeReference(file, 4_000);
    await importing(["mahavishnu", file]);
    const folder = path("copy");
    cpSync(join(home.data, "snapshots"), folder, { recursive: true });
    const [first = "", second = "", ...rest] = readdirSync(folder).filter((name) =>
      name.startsWith("executions-"),
    );
    rmSync(join(folder, first));
    writeFileSync(join(folder, second), "changed");
    expect(rest.length).toBeGreaterThan(0);
    const { code, report } = await importing(["poolwise", folder], other);
    expect(code).toBe(1);
    expect(report.first_rejects).toMatchObject([
      { reference: first, reason: expect.stringMatching(/not in the folder; \d+ rows/) as string },
      { reference: second, reason: expect.stringMatching(/SHA-256 differs/) as string },
    ]);
    expect(report.inserted).toBeGreaterThan(0);
  });
});

describe("with a server", () => {
  test("an import goes through it, is admin's work, and a bad row refuses the whole batch by name", async () => {
    const token = "an-admin-token";
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    writeFileSync(
      join(home.settings, "local.yaml"),
      `repos:\n  work: { path: ${JSON.stringify(home.repo)} }\nauth:\n  enabled: true\n  tokens:\n    - { name: a, role: admin, sha256: ${sha256(token)} }\n    - { name: o, role: operator, sha256: ${sha256("op")} }\n`,
    );
    const server = await startServer(home);
    try {
      const file = path("reference.db");
      await writeReference(file, 1_200);
      const { code, stdout } = await poolwise(home, ["import", "mahavishnu", file, "--json"], {
        POOLWISE_TOKEN: token,
      });
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { inserted: 1_200, already_there: 0 }]);
      const own = await poolwise(home, ["import", "mahavishnu", learning()], { POOLWISE_TOKEN: token });
      expect(own.stderr).toMatch(/own database/);
      const row = {
        task_id: randomUUID(),
        timestamp: 1,
        task_type: "t",
        task_description: "d",
        repo: "r",
        model_tier: "small",
        pool_type: "p",
        success: true,
        duration_seconds: 1,
        actual_cost: 0,
        source: "x",
      };
      const batch = { import_id: randomUUID(), source: "x", rows: [row, { ...row, task_id: "nope" }] };
      const refused = await post(server, "/api/imports/rows", batch, { authorization: `Bearer ${token}` });
      expect([refused.status, await refused.json()]).toMatchObject([
        422,
        { errors: [{ path: "rows.1.task_id" }] },
      ]);
      expect((await post(server, "/api/imports/rows", batch, { authorization: "Bearer op" })).status).toBe(
        403,
      );
      const good = await post(
        server,
        "/api/imports/rows",
        { ...batch, rows: [row, row] },
        { authorization: `Bearer ${token}` },
      );
      expect(await good.json()).toMatchObject({ inserted: 1, already_there: 1 });
    } finally {
      await server.stop();
    }
    expect(await inDatabase("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 1_201 }]);
  }, 120_000);
});

test("what is wrong with models.yaml is said: file, key, found, expected", async () => {
  writeFileSync(
    join(home.settings, "models.yaml"),
    "as_of: 2026-01-01\ntier_words: { small: [], large: [] }\nmodels:\n  m: { tier: huge, input: -1, output: 1, colour: red }\n",
  );
  writeFileSync(path("x.csv"), "timestamp\n2026-01-01\n");
  const { code, stderr } = await poolwise(home, ["import", "csv", path("x.csv")]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/models\.yaml: models\.m\.tier: found "huge", expected one of small, medium, large/);
  expect(stderr).toMatch(/models\.yaml: models\.m\.input: found -1, expected at least 0/);
  expect(stderr).toMatch(/models\.yaml: models\.m\.colour: found an unknown key/);
});
