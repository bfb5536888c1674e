import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCHEMA_VERSION } from "@/server/database/migrate";
import type { MonitoringView } from "@/lib/shape/monitoring";
import type { Problem } from "@/lib/shape/problem";
import {
  ended,
  eventually,
  getTask,
  makeHome,
  post,
  startServer,
  submit,
  type Home,
  type Server,
} from "./harness";

let home: Home;
let server: Server;
beforeAll(async () => {
  home = makeHome();
  mkdirSync(join(home.folder, "outside"));
  writeFileSync(join(home.folder, "outside", "secret.txt"), "secret");
  symlinkSync(join(home.folder, "outside"), join(home.repo, "link"));
  server = await startServer(home);
}, 120_000);
afterAll(async () => {
  await server.stop();
  home.remove();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers });
const say = { repo: "work", recipe: "say", prompt: "hi" };

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe("bad input gets a clear 4xx that names the field, and the server lives", () => {
  test.each<[string, unknown, string, RegExp]>([
    [
      "an unknown repository",
      { ...say, repo: "nope" },
      "repo",
      /unknown repository nope; registered: poolwise, work/,
    ],
    ["an unknown recipe", { ...say, recipe: "nope" }, "recipe", /unknown recipe nope; recipes: say/],
    ["an unknown pool", { ...say, pool: "nope" }, "pool", /unknown pool nope; pools: local/],
    ["an unknown tier", { ...say, tier: "huge" }, "tier", /small/],
    ["an unknown type", { ...say, type: "nope" }, "type", /unknown task type nope/],
    ["an unknown check", { ...say, check: "nope" }, "check", /unknown recipe nope/],
    ["an unknown field", { ...say, color: "red" }, "color", /unknown field/],
    ["a negative timeout", { ...say, timeout_seconds: -1 }, "timeout_seconds", /1 to 86400/],
    [
      "a 10 MB prompt",
      { ...say, prompt: "x".repeat(10 * 1024 * 1024) },
      "prompt",
      /at most 200,000 characters/,
    ],
    [
      "a path that climbs out",
      { ...say, recipe: "list", files: ["../outside/secret.txt"] },
      "files.0",
      /inside the repository/,
    ],
    [
      "a path through a symlink",
      { ...say, recipe: "list", files: ["a.txt", "link/secret.txt"] },
      "files.1",
      /outside the repository/,
    ],
    [
      "an absolute path",
      { ...say, recipe: "list", files: ["/etc/passwd"] },
      "files.0",
      /relative to the repository/,
    ],
    ["a file that is not there", { ...say, recipe: "list", files: ["b.txt"] }, "files.0", /does not exist/],
    ["a NUL", { ...say, prompt: "a\0b" }, "prompt", /NUL/],
    ["neither prompt nor recipe", { repo: "work" }, "prompt", /a prompt or a recipe/],
    ["a recipe's missing prompt", { repo: "work", recipe: "say" }, "prompt", /needs a prompt/],
    [
      "a prompt nothing can answer",
      { repo: "work", prompt: "write a poem" },
      "prompt",
      /Available: the command worker.*Not available: the model worker/,
    ],
    [
      "half a character in metadata",
      { ...say, metadata: { k: "\ud800" } },
      "metadata",
      /halves of characters/,
    ],
    ["metadata nested too deep", { ...say, metadata: { a: nested(2_000) } }, "metadata", /levels deep/],
    ["half a character in the prompt", { ...say, prompt: "a\udc00" }, "prompt", /half a character/],
    [
      "a prompt no argument list can hold",
      { ...say, prompt: "x".repeat(150_000) },
      "prompt",
      /131071 bytes with a recipe/,
    ],
    ["too much metadata", { ...say, metadata: { a: "x".repeat(70_000) } }, "metadata", /64 KiB/],
    ["no object", [1], "", /expected/i],
  ])("%s", async (_what, body, path, message) => {
    const response = await post(server, "/api/tasks", body);
    const problem = (await response.json()) as Problem;
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(problem.errors.map((error) => error.path)).toContain(path);
    expect(problem.detail).toMatch(message);
    expect((await get("/api/health/live")).status).toBe(200);
  });

  test("a body that is no JSON, one that is too large, an unknown path, an unknown task", async () => {
    const broken = await fetch(`${server.url}/api/tasks`, { method: "POST", body: "{" });
    expect([broken.status, ((await broken.json()) as Problem).detail]).toEqual([
      400,
      "The request's body is not valid JSON.",
    ]);
    expect((await post(server, "/api/tasks", { prompt: "x".repeat(17 * 1024 * 1024) })).status).toBe(413);
    for (const path of ["/api/nope", "/api/tasks/nope", "/api/tasks/00000000-0000-4000-8000-000000000000"]) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect((await get("/api/tasks?limit=0")).status).toBe(422);
    expect((await get("/api/tasks?cursor=nonsense")).status).toBe(422);
    const far = Buffer.from('[1e300,"00000000-0000-4000-8000-000000000000"]').toString("base64url");
    expect((await get(`/api/tasks?cursor=${far}`)).status).toBe(422);
  });

  test.each([
    "..%2f..%2flearning.db",
    "..%2fmanifest.json",
    "%2e%2e/learning.db",
    "executions-2026-01-01.0123456789abcdef.parquet",
    "x.parquet",
  ])("the part name %s leads nowhere", async (name) => {
    expect((await get(`/api/snapshots/${name}`)).status).toBe(404);
  });

  test("a prompt of shell characters, emoji and SQL is text and nothing else", async () => {
    const prompt = `$(touch ${home.repo}/pwned) ; \`id\` | '"'; DROP TABLE tasks; -- \u{1F600} \\ %s &&`;
    const task = await ended(server, await submit(server, { recipe: "say", prompt }));
    expect(task).toMatchObject({ status: "succeeded", prompt });
    expect(await logsOf(task.task_id)).toBe(`${prompt}\n`);
    expect(existsSync(join(home.repo, "pwned"))).toBe(false);
    expect((await get("/api/tasks?q=DROP%20TABLE")).status).toBe(200);
  });
});

async function logsOf(id: string, headers: Record<string, string> = {}): Promise<string> {
  const text = await (await get(`/api/tasks/${id}/logs`, headers)).text();
  return text
    .split("\n\n")
    .filter((block) => block.includes("event: output"))
    .map((block) => JSON.parse(/data: (.*)/.exec(block)?.[1] ?? '""') as string)
    .join("");
}

describe("a task", () => {
  test("is answered with 202 and its decision, runs, and is recorded with what it used", async () => {
    const response = await post(server, "/api/tasks", {
      repo: "work",
      recipe: "list",
      files: ["a.txt"],
      metadata: { team: "x" },
    });
    expect(response.status).toBe(202);
    const { task_id, decision } = (await response.json()) as { task_id: string; decision: object };
    expect(decision).toMatchObject({
      tier: "small",
      propensity: 1,
      pool_name: "local",
      expected_savings: 98.33,
      worker_type: "command",
    });
    const task = await ended(server, task_id);
    expect(task).toMatchObject({
      status: "succeeded",
      exit_code: 0,
      attempt: 1,
      metadata: { team: "x" },
      decision,
    });
    expect(await logsOf(task_id)).toBe("alpha\n");
    expect(task.attempts).toMatchObject([{ execution_id: task_id, success: true, attempt: 1 }]);
  });

  test("with the same idempotency key is the same task, also when sent at once", async () => {
    const body = { ...say, idempotency_key: "k1" };
    const ids = await Promise.all(
      Array.from(
        { length: 8 },
        async () => ((await (await post(server, "/api/tasks", body)).json()) as { task_id: string }).task_id,
      ),
    );
    const again = (await (await post(server, "/api/tasks", body)).json()) as { task_id: string };
    expect(new Set([...ids, again.task_id]).size).toBe(1);
  });

  test("that fails says how, with the end of its output and exit code", async () => {
    const task = await ended(server, await submit(server, { recipe: "fail" }));
    expect(task).toMatchObject({ status: "failed", exit_code: 3, error_type: "unknown" });
    expect(task.error_message).toContain("boom");
  });

  test("that runs too long is stopped and recorded as timeout", async () => {
    const task = await ended(
      server,
      await submit(server, { recipe: "wait", prompt: "60", timeout_seconds: 1 }),
    );
    expect(task).toMatchObject({ status: "failed", error_type: "timeout" });
    expect(task.attempts).toMatchObject([{ error_type: "timeout", success: false }]);
  });

  test("whose check fails is a quality gate failure", async () => {
    const task = await ended(server, await submit(server, { ...say, check: "gate" }));
    expect(task).toMatchObject({ status: "failed", error_type: "quality_gate" });
  });

  test("is tried again as often as allowed, each attempt a row, the last under the task's id", async () => {
    const task = await ended(server, await submit(server, { recipe: "fail", retries: 1 }));
    expect(task).toMatchObject({ status: "failed", attempt: 2 });
    expect(task.attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(task.attempts[0]?.execution_id).not.toBe(task.task_id);
    expect(task.attempts[1]?.execution_id).toBe(task.task_id);
  });

  test("can be cancelled while it runs and is recorded so; a second cancel is a conflict", async () => {
    const id = await submit(server, { recipe: "wait", prompt: "60" });
    await eventually("it to run", async () => (await getTask(server, id)).status === "running");
    expect((await fetch(`${server.url}/api/tasks/${id}`, { method: "DELETE" })).status).toBe(200);
    expect(await ended(server, id)).toMatchObject({
      status: "cancelled",
      error_type: "cancelled",
      attempts: [{ error_type: "cancelled" }],
    });
    expect((await fetch(`${server.url}/api/tasks/${id}`, { method: "DELETE" })).status).toBe(409);
  });

  test("ends when it is cancelled, whatever moment of attempt, recording and backoff the cancel meets", async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, () => submit(server, { recipe: "fail", retries: 3 })),
    );
    const answers = await Promise.all(
      ids.map(async (id, i) => {
        await new Promise((resolve) => setTimeout(resolve, (i * 7) % 300));
        return (await fetch(`${server.url}/api/tasks/${id}`, { method: "DELETE" })).status;
      }),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    for (const id of ids) expect((await ended(server, id)).status).toBe("cancelled");
  });

  test("is set aside when its pool is closed and no other is left, says so, and runs once there is one", async () => {
    await post(server, "/api/pools", { name: "only", max_workers: 1 });
    const id = await submit(server, { recipe: "fail", retries: 1, pool: "only" });
    await eventually(
      "its backoff",
      async () => (await getTask(server, id)).waiting_reason === "retry backoff",
    );
    for (const name of ["only", "local"]) {
      expect((await fetch(`${server.url}/api/pools/${name}`, { method: "DELETE" })).status).toBe(200);
    }
    await eventually(
      "it to be set aside",
      async () => (await getTask(server, id)).waiting_reason === "pool closed",
    );
    expect((await post(server, "/api/pools", { name: "local" })).status).toBe(201);
    expect(await ended(server, id)).toMatchObject({ status: "failed", attempt: 2, pool_name: "local" });
  });

  test("waits in a paused pool and says why, can be cancelled there, and leaves no execution", async () => {
    await post(server, "/api/pools", { name: "side", max_workers: 1 });
    await fetch(`${server.url}/api/pools/side`, { method: "PATCH", body: '{"status":"paused"}' });
    const id = await submit(server, { ...say, pool: "side" });
    expect(await getTask(server, id)).toMatchObject({ status: "queued", waiting_reason: "pool paused" });
    await fetch(`${server.url}/api/tasks/${id}`, { method: "DELETE" });
    expect(await getTask(server, id)).toMatchObject({ status: "cancelled", attempts: [] });
    expect((await fetch(`${server.url}/api/pools/side`, { method: "DELETE" })).status).toBe(200);
  });

  test("streams its output while it runs, and again from a byte offset", async () => {
    const id = await submit(server, { ...say, prompt: "h\u00e9llo world" });
    await ended(server, id);
    expect(await logsOf(id)).toBe("h\u00e9llo world\n");
    expect(await logsOf(id, { "last-event-id": "7" })).toBe("world\n");
  });

  test("can be replayed with a change, and rated; ratings follow their rules", async () => {
    const id = await submit(server, say);
    expect((await ended(server, id)).status).toBe("succeeded");
    const replay = (await (await post(server, `/api/tasks/${id}/replay`, { prompt: "other" })).json()) as {
      task_id: string;
    };
    expect(await ended(server, replay.task_id)).toMatchObject({
      prompt: "other",
      replay_of: id,
      recipe: "say",
    });
    expect((await post(server, `/api/tasks/${id}/feedback`, { satisfaction: "poor" })).status).toBe(422);
    expect(
      (await post(server, `/api/tasks/${id}/feedback`, { satisfaction: "fair", issue_type: "other" })).status,
    ).toBe(422);
    expect(
      (await post(server, `/api/tasks/${id}/feedback`, { satisfaction: "good", comment: "private words" }))
        .status,
    ).toBe(201);
    expect(await getTask(server, id)).toMatchObject({
      user_rating: 4,
      feedback: [{ satisfaction: "good", visibility: "private" }],
    });
  });

  test("pages through the list without gap or repeat", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = (await (await get(`/api/tasks?limit=3${cursor ? `&cursor=${cursor}` : ""}`)).json()) as {
        tasks: { task_id: string }[];
        next_cursor: string | null;
      };
      seen.push(...page.tasks.map((task) => task.task_id));
      cursor = page.next_cursor;
    } while (cursor);
    const all = (await (await get("/api/tasks?limit=500")).json()) as { tasks: { task_id: string }[] };
    expect(seen).toEqual(all.tasks.map((task) => task.task_id));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("snapshots and reports over HTTP", () => {
  test("the manifest is never cached; parts are immutable, conditional, ranged and sized", async () => {
    await ended(server, await submit(server, say));
    expect((await post(server, "/api/snapshots", {})).status).toBe(200);
    const manifest = await get("/api/snapshots/manifest.json");
    expect(manifest.headers.get("cache-control")).toBe("no-store");
    const part = (
      (await manifest.json()) as { tables: { executions: { parts: { file: string; bytes: number }[] } } }
    ).tables.executions.parts[0];
    const path = `/api/snapshots/${part?.file}`;
    const whole = await get(path);
    expect(whole.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(Number(whole.headers.get("content-length"))).toBe(part?.bytes);
    expect((await whole.arrayBuffer()).byteLength).toBe(part?.bytes);
    const etag = whole.headers.get("etag") ?? "";
    expect((await get(path, { "if-none-match": etag })).status).toBe(304);
    const tail = await get(path, { range: "bytes=-4" });
    expect([tail.status, await tail.text()]).toEqual([206, "PAR1"]);
    expect((await get(path, { range: "bytes=999999999-" })).status).toBe(416);
    const head = await fetch(`${server.url}${path}`, { method: "HEAD" });
    expect(Number(head.headers.get("content-length"))).toBe(part?.bytes);
  });

  test("nothing private leaves in a snapshot or a report", async () => {
    const executions = await (await get("/api/reports/executions.json")).text();
    const tasks = await (await get("/api/reports/tasks.json")).text();
    expect(executions).not.toContain("private words");
    expect(tasks).not.toContain("private words");
  });

  test("a report has a filename and a range that is checked", async () => {
    const csv = await get("/api/reports/executions.csv?repo=work");
    expect(csv.headers.get("content-disposition")).toMatch(
      /attachment; filename="poolwise-executions-\d{4}-\d{2}-\d{2}\.csv"/,
    );
    expect((await csv.text()).split("\n")[0]).toMatch(/^task_id,timestamp,task_type/);
    expect((await get("/api/reports/executions.csv?from=yesterday")).status).toBe(422);
    expect((await get("/api/reports/executions.csv?from=2026-02-01&to=2026-01-01")).status).toBe(422);
    expect((await get("/api/reports/nope.csv")).status).toBe(404);
    expect((await get("/api/reports/executions.xls")).status).toBe(404);
  });
});

describe("who may ask", () => {
  const raw = (headers: Record<string, string>, method = "POST") =>
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const sent = request({ hostname, port, path: "/api/pools", method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end(method === "GET" ? undefined : "{}");
    });

  test("a foreign Host is refused, whatever it asks", async () => {
    expect(await raw({ host: "evil.example" }, "GET")).toBe(403);
    expect(await raw({ host: "localhost:1" }, "GET")).toBe(200);
  });

  test("a post from another site is refused", async () => {
    expect(await raw({ origin: "https://evil.example" })).toBe(403);
    expect(await raw({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await raw({ origin: server.url })).toBe(422);
  });
});

describe("health", () => {
  test("has the shape of database_status, and ready asks the database", async () => {
    const health = (await (await get("/api/health")).json()) as Record<string, unknown>;
    expect(Object.keys(health)).toEqual([
      "status",
      "timestamp",
      "database",
      "executions",
      "performance",
      "warnings",
      "errors",
    ]);
    expect(health.database).toMatchObject({ schema_version: SCHEMA_VERSION });
    expect((await get("/api/health/ready")).status).toBe(200);
  });

  test("monitoring says how writing, storage and keeping are doing", async () => {
    const view = (await (await get("/api/monitoring")).json()) as MonitoringView;
    expect(view.writes).toMatchObject({ spooled: 0, last_error: null });
    expect(view.writes.committed_operations).toBeGreaterThan(0);
    expect(view.storage.database_mb).toBeGreaterThan(0);
    expect(view.snapshot?.generation).toBeGreaterThan(0);
    expect(view).toMatchObject({
      retention: { days: 90, archived_files: 0 },
      last_backup_at: null,
      alerts: [],
    });
  });

  test("HEAD of a stream answers and leaves no reader behind", async () => {
    const id = await submit(server, say);
    for (const path of ["/api/events", `/api/tasks/${id}/logs`]) {
      expect((await fetch(`${server.url}${path}`, { method: "HEAD" })).status).toBe(200);
    }
  });

  test("events are announced and can be taken up after the last one seen", async () => {
    const reader = (await get("/api/events")).body?.pipeThrough(new TextDecoderStream()).getReader();
    const id = await submit(server, say);
    let text = "";
    await eventually("the end to be announced", async () => {
      text += (await reader?.read())?.value ?? "";
      return text.includes('"status":"succeeded"') && text.includes(id);
    });
    await reader?.cancel();
    const firstId = /id: (\S+)/.exec(text)?.[1] ?? "";
    const resumed = (await get("/api/events", { "last-event-id": firstId })).body
      ?.pipeThrough(new TextDecoderStream())
      .getReader();
    let again = "";
    await eventually("the rest of the events", async () => {
      again += (await resumed?.read())?.value ?? "";
      return again.includes('"status":"succeeded"');
    });
    expect(again).not.toContain(`id: ${firstId}\n`);
    await resumed?.cancel();
  });
});
