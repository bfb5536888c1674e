import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeHome, poolwise, startServer, type Home, type Server } from "./harness";

let home: Home;
afterAll(() => home.remove());
beforeAll(() => {
  home = makeHome();
});

const json = async <T>(args: string[]): Promise<T> => {
  const { stdout, stderr, code } = await poolwise(home, [...args, "--json"]);
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`exit ${code}; stdout: ${stdout}; stderr: ${stderr}`);
  }
};

/** The same promises hold whether a server answers or the data directory is opened. */
function promises(): void {
  test("a task that succeeds exits 0 and prints its output", async () => {
    const { code, stdout, stderr } = await poolwise(home, [
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
    expect([code, stdout]).toEqual([0, "hello\n"]);
    expect(stderr).toMatch(/small tier, pool local[^]*succeeded in/);
  });

  test("a task that fails exits 1", async () => {
    const { code, stderr } = await poolwise(home, ["pool", "route", "--recipe", "fail", "--repo", "work"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/failed.*boom/);
  });

  test.each([
    [
      ["pool", "execute", "local", "--prompt", "x", "--recipe", "say", "--repo", "nope"],
      /^poolwise: repo: unknown repository nope[^\n]*\n$/,
    ],
    [
      ["pool", "execute", "nope", "--prompt", "x", "--recipe", "say", "--repo", "work"],
      /^poolwise: pool: unknown pool nope[^\n]*\n$/,
    ],
    [["pool", "route", "--prompt", "x", "--tier", "huge"], /^poolwise: [^\n]*tier[^\n]*\n$/],
    [
      ["pool", "route", "--prompt", "x", "--timeout", "soon"],
      /^poolwise: [^\n]*timeout[^\n]*number[^\n]*\n$/,
    ],
    [
      ["pool", "route", "--prompt", "x", "--repo", "work"],
      /^poolwise: prompt: nothing available here[^\n]*\n$/,
    ],
    [["nonsense"], /^poolwise: unknown command[^\n]*\n/],
  ])("%j is a usage error: exit 2, one line", async (args, line) => {
    const { code, stdout, stderr } = await poolwise(home, args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(line);
  });

  test("--json prints JSON and nothing else", async () => {
    const run = await json<{ status: string; output: string }>([
      "pool",
      "route",
      "--prompt",
      "hi",
      "--recipe",
      "say",
      "--repo",
      "work",
      "--metadata",
      "team=x",
    ]);
    expect(run).toMatchObject({ status: "succeeded", output: "hi\n", metadata: { team: "x" } });
    expect(
      await json([
        "route",
        "explain",
        "--recipe",
        "say",
        "--prompt",
        "x",
        "--repo",
        "work",
        "--tier",
        "large",
      ]),
    ).toMatchObject({ tier: "large", expected_savings: 0 });
    expect(await json(["pool", "list"])).toMatchObject([{ name: "local", status: "active" }]);
    expect(await json(["pool", "health"])).toMatchObject([{ name: "local", healthy: true }]);
    expect(await json(["task", "list", "--limit", "1"])).toMatchObject({ tasks: [{ status: "succeeded" }] });
    expect(await json(["monitor"])).toMatchObject({ status: "OK" });
    expect((await json<{ ok: boolean }[]>(["doctor"])).every((finding) => finding.ok)).toBe(true);
    expect(await json(["snapshot"])).toMatchObject({ format: "poolwise-snapshot" });
  });

  test("a batch runs each line, and one bad line stops it before the first", async () => {
    const file = join(home.folder, "batch.jsonl");
    writeFileSync(file, '{"recipe":"say","prompt":"a"}\n\n{"recipe":"fail"}\n{"recipe":"nope"}\n');
    const { code, stdout } = await poolwise(home, ["pool", "route", "--repo", "work", "--batch", file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /line 1: \S+ succeeded\nline 3: \S+ failed: [^]*line 4: - refused: recipe: unknown recipe nope/,
    );
    writeFileSync(file, '{"recipe":"say","prompt":"never sent"}\n{oops}\n');
    const refused = await poolwise(home, ["pool", "route", "--repo", "work", "--batch", file]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(/line 2 of .* is not a JSON object; nothing was submitted/);
    expect(await json(["task", "list", "--q", "never sent"])).toMatchObject({ tasks: [] });
  });

  test("tasks are shown, replayed, rated, and their logs printed", async () => {
    const { tasks } = await json<{ tasks: { task_id: string }[] }>(["task", "list", "--q", "hello"]);
    const id = tasks[0]?.task_id ?? "";
    expect((await poolwise(home, ["task", "logs", id])).stdout).toBe("hello\n");
    expect((await poolwise(home, ["task", "show", id])).stdout).toContain("succeeded");
    expect(
      (await poolwise(home, ["feedback", "submit", "--task-id", id, "--satisfaction", "good"])).code,
    ).toBe(0);
    expect(
      (await poolwise(home, ["feedback", "submit", "--task-id", id, "--satisfaction", "poor"])).code,
    ).toBe(2);
    expect((await poolwise(home, ["task", "show", "nope"])).stderr).toBe(
      "poolwise: task nope does not exist\n",
    );
  });

  test.each(["parquet", "csv", "json"])("a report is written as %s", async (format) => {
    const file = join(home.folder, `executions.${format}`);
    const { code } = await poolwise(home, ["report", "executions", "-o", file]);
    expect(code).toBe(0);
    expect(readFileSync(file).length).toBeGreaterThan(100);
    expect(existsSync(`${file}.part`)).toBe(false);
  });
}

describe("without a server", () => {
  test("monitor says UNKNOWN with exit 3 and creates nothing", async () => {
    const { code, stdout } = await poolwise(home, ["monitor"]);
    expect([code, stdout]).toEqual([3, "UNKNOWN: there is no database yet; start the server once\n"]);
    expect(existsSync(join(home.data, "learning.db"))).toBe(false);
  });
  promises();
  test("--no-wait is refused, since nobody would run the task", async () => {
    expect(
      (
        await poolwise(home, [
          "pool",
          "route",
          "--recipe",
          "say",
          "--prompt",
          "x",
          "--repo",
          "work",
          "--no-wait",
        ])
      ).code,
    ).toBe(2);
  });
});

describe("with a server", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(home);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });
  promises();
  test("pools are spawned, scaled, paused, resumed and closed", async () => {
    expect(
      (await poolwise(home, ["pool", "spawn", "side", "--type", "local", "--max-workers", "2"])).code,
    ).toBe(0);
    expect(await json(["pool", "scale", "side", "3"])).toMatchObject({ min_workers: 3, max_workers: 3 });
    expect(await json(["pool", "pause", "side"])).toMatchObject({ status: "paused" });
    expect(await json(["pool", "resume", "side"])).toMatchObject({ status: "active" });
    expect(await json(["pool", "close", "side"])).toMatchObject({ status: "closed" });
    expect((await poolwise(home, ["pool", "close", "side"])).stderr).toBe(
      "poolwise: pool side does not exist\n",
    );
  });
  test("--no-wait prints the id of a task that then runs", async () => {
    const { stdout } = await poolwise(home, [
      "pool",
      "route",
      "--recipe",
      "say",
      "--prompt",
      "later",
      "--repo",
      "work",
      "--no-wait",
    ]);
    const id = stdout.trim();
    expect((await poolwise(home, ["task", "logs", id, "--follow"])).stdout).toBe("later\n");
  });
  test("cancel stops a running task", async () => {
    const { stdout } = await poolwise(home, [
      "pool",
      "route",
      "--recipe",
      "wait",
      "--prompt",
      "60",
      "--repo",
      "work",
      "--no-wait",
    ]);
    const id = stdout.trim();
    expect((await poolwise(home, ["task", "cancel", id])).code).toBe(0);
    await poolwise(home, ["task", "logs", id, "--follow"]);
    expect(await json(["task", "show", id])).toMatchObject({ status: "cancelled" });
  });
});
