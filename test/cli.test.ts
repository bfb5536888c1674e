import { execFile, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually, makeHome, poolwise, ROOT, startServer, type Home, type Server } from "./harness";

const PROGRAM = join(ROOT, "bin", "poolwise.cjs");

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
    [["pool", "scale", "local", "abc"], /^poolwise: [^\n]*'abc'[^\n]*workers[^\n]*whole number[^\n]*\n$/],
    [["pool", "scale", "local", ""], /^poolwise: [^\n]*workers[^\n]*whole number[^\n]*\n$/],
    [["pool", "scale", "local", "1e2"], /^poolwise: [^\n]*'1e2'[^\n]*whole number[^\n]*\n$/],
    [["pool", "scale", "local", "0x10"], /^poolwise: [^\n]*whole number[^\n]*\n$/],
    [
      ["pool", "route", "--prompt", "x", "--metadata", "novalue"],
      /^poolwise: [^\n]*--metadata[^\n]*expected k=v, found novalue[^\n]*\n$/,
    ],
    [["task", "list", "--limit", "2.5"], /^poolwise: [^\n]*limit[^\n]*whole number[^\n]*\n$/],
    [["monitor", "--watch", "--interval", "0"], /^poolwise: [^\n]*interval[^\n]*above 0[^\n]*\n$/],
    [["start", "--port", "70000"], /^poolwise: [^\n]*port[^\n]*at most 65535[^\n]*\n$/],
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
    expect(readdirSync(home.folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("a report goes to standard output with -, and then nothing else does", async () => {
    const { code, stdout } = await poolwise(home, ["report", "executions", "--format", "json", "-o", "-"]);
    expect(code).toBe(0);
    expect(Array.isArray(JSON.parse(stdout))).toBe(true);
    expect(existsSync(join(ROOT, "-"))).toBe(false);
    const other = await poolwise(home, ["report", "executions", "--format", "json", "-o", "/dev/stdout"]);
    expect(other).toMatchObject({ code: 0, stdout });
  });

  test("a report is written through a link and into a pipe, which both stay what they are", async () => {
    const [target, link, dangling, pipe] = ["target.csv", "link.csv", "dangling.csv", "pipe.csv"].map(
      (name) => join(home.folder, `links-${name}`),
    ) as [string, string, string, string];
    for (const file of [target, link, dangling, pipe]) rmSync(file, { force: true });
    writeFileSync(target, "old", { mode: 0o640 });
    symlinkSync("links-target.csv", link);
    expect((await poolwise(home, ["report", "executions", "-o", link])).code).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toMatch(/^[a-z_]+,/);
    expect(statSync(target).mode & 0o777).toBe(0o640);

    rmSync(target);
    symlinkSync("links-link.csv", dangling);
    expect((await poolwise(home, ["report", "executions", "-o", dangling])).code).toBe(0);
    expect(lstatSync(dangling).isSymbolicLink()).toBe(true);
    expect(lstatSync(target).isFile()).toBe(true);

    shell('mkfifo "$PIPE"', { PIPE: pipe });
    const reading = promisify(execFile)("cat", [pipe]);
    expect((await poolwise(home, ["report", "executions", "-o", pipe])).code).toBe(0);
    expect((await reading).stdout).toBe(readFileSync(target, "utf8"));
    expect(lstatSync(pipe).isFIFO()).toBe(true);
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

/** The program with its output where a shell would put it. */
function shell(script: string, env: Record<string, string> = {}) {
  return spawnSync("bash", ["-c", script, "bash", process.execPath, PROGRAM], {
    env: { ...home.env, ...env },
    encoding: "utf8",
  });
}

describe("output that cannot be written", () => {
  test("a reader that leaves early is no error", () => {
    const { stdout, stderr } = shell('"$1" "$2" --help | head -c 10; "$1" "$2" task list --json | true');
    expect([stdout.length, stderr]).toEqual([10, ""]);
    const { stderr: watched, status } = shell(
      '"$1" "$2" monitor --watch --interval 0.01 --json | head -n 2 | wc -l',
    );
    expect([watched, status]).toEqual(["", 0]);
  });

  test("a full disk is said in one line with exit 1", () => {
    const { status, stderr } = shell('"$1" "$2" pool list >/dev/full');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^poolwise: standard output cannot be written: [^\n]*ENOSPC[^\n]*\n$/);
  });

  test("a level of logs that does not exist is said in one line, and the result comes all the same", async () => {
    const { code, stderr } = await poolwise(home, ["pool", "list"], { LOG_LEVEL: "banana" });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^poolwise: LOG_LEVEL: found "banana", expected one of trace, [^\n]*; error is used\n$/,
    );
  });
});

describe("a data directory in trouble", () => {
  let own: Home;
  beforeEach(() => {
    own = makeHome();
    mkdirSync(own.data);
  });
  afterEach(() => own.remove());

  test("monitor says CRITICAL with exit 2 when the database is damaged, and nothing else is printed", async () => {
    writeFileSync(join(own.data, "learning.db"), "no database at all ".repeat(500));
    const monitored = await poolwise(own, ["monitor", "--json"]);
    expect([monitored.code, monitored.stderr]).toEqual([2, ""]);
    expect(JSON.parse(monitored.stdout)).toEqual({
      status: "CRITICAL",
      errors: [expect.stringMatching(/learning\.db cannot be opened/)],
    });
    const plain = await poolwise(own, ["monitor"]);
    expect([plain.code, plain.stderr]).toEqual([2, ""]);
    expect(plain.stdout).toMatch(/^CRITICAL: .*learning\.db cannot be opened/);
    const listed = await poolwise(own, ["task", "list"]);
    expect(listed.code).toBe(1);
    expect(listed.stderr).toMatch(/^poolwise: [^]*learning\.db cannot be opened/);
    expect(listed.stderr).not.toContain("This program is started by the Poolwise server");
  });

  test("monitor says CRITICAL when the server does not answer, and UNKNOWN when the settings are wrong", async () => {
    const dead = await poolwise(own, ["monitor", "--json"], { POOLWISE_URL: "http://127.0.0.1:9" });
    expect([dead.code, JSON.parse(dead.stdout)]).toEqual([
      2,
      { status: "CRITICAL", errors: ["the server at http://127.0.0.1:9 does not answer"] },
    ]);
    const unknown = await poolwise(own, ["monitor", "--json"], { POOLWISE_WORKERS__TIMEOUT_SECONDS: "-5" });
    expect([unknown.code, JSON.parse(unknown.stdout)]).toEqual([
      3,
      {
        status: "UNKNOWN",
        errors: [expect.stringMatching(/^POOLWISE_WORKERS__TIMEOUT_SECONDS: .*found -5/)],
      },
    ]);
  });

  test("what a dead server announced is not believed, though its pid lives on in another process", async () => {
    const announce = (started: string) =>
      writeFileSync(
        join(own.data, "runtime.json"),
        JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:9", started }),
      );
    announce("1");
    expect(await poolwise(own, ["pool", "list"])).toMatchObject({ code: 0, stderr: "" });
    const stat = readFileSync("/proc/self/stat", "utf8");
    announce(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "");
    expect((await poolwise(own, ["pool", "list"])).stderr).toContain("does not answer");
  });

  test("a start that fails once the data is open says why, ends with 1 and lets go of the data", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await poolwise(own, ["start", "--port", String(port)]);
    taken.close();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(new RegExp(`poolwise: .*${port}.*--port; 0 takes a free one\\n$`));
    expect(existsSync(join(own.data, "learning.db.lock"))).toBe(false);
  }, 120_000);

  test("on a paused pool a task ends at once with what to do, as nobody could resume the pool", async () => {
    expect((await poolwise(own, ["pool", "pause", "local"])).code).toBe(0);
    const task = ["--recipe", "say", "--prompt", "x", "--repo", "work"];
    const { code, stderr } = await poolwise(own, ["pool", "execute", "local", ...task]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /pool local is paused and no server runs; task \S+ was cancelled.*pool resume local/,
    );
    const file = join(own.folder, "batch.jsonl");
    writeFileSync(file, '{"recipe":"say","prompt":"a","repo":"work"}\n');
    const batch = await poolwise(own, ["pool", "route", "--batch", file]);
    expect(batch.code).toBe(1);
    expect(batch.stdout).toMatch(/^line 1: - refused: pool local is paused/);
    const { stdout } = await poolwise(own, ["task", "list", "--json"]);
    expect((JSON.parse(stdout) as { tasks: unknown[] }).tasks).toMatchObject([
      { status: "cancelled" },
      { status: "cancelled" },
    ]);
  });

  test("Ctrl-C cancels the task, lets go of the data and exits 130", async () => {
    const args = ["pool", "execute", "local", "--recipe", "wait", "--prompt", "60", "--repo", "work"];
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: own.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await eventually("the task", () => stderr.includes("small tier"));
    const exited = once(child, "exit");
    child.kill("SIGINT");
    expect(await exited).toEqual([130, null]);
    expect(existsSync(join(own.data, "learning.db.lock"))).toBe(false);
    expect(existsSync(join(own.data, "learning.db.wal"))).toBe(false);
    const { stdout } = await poolwise(own, ["task", "list", "--json"]);
    expect((JSON.parse(stdout) as { tasks: unknown[] }).tasks).toMatchObject([{ status: "cancelled" }]);
  });

  test("what Poolwise writes is for its user alone; what recipes and reports create is as the user wants it", async () => {
    appendFileSync(
      join(own.settings, "recipes.yaml"),
      "  touch:\n    description: Creates a file\n    task_types: [touching]\n    read_only: false\n    variants: [{ argv: [touch, made.txt] }]\n",
    );
    rmSync(own.data, { recursive: true });
    const file = join(own.folder, "report.csv");
    const script = `umask 027; "$1" "$2" pool execute local --recipe touch --prompt x --repo work && "$1" "$2" report executions -o ${file}`;
    expect(shell(script, { POOLWISE_DATA_DIR: own.data, POOLWISE_SETTINGS_DIR: own.settings }).status).toBe(
      0,
    );
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect([mode(own.data), mode(join(own.data, "learning.db")), mode(join(own.data, "logs"))]).toEqual([
      0o700, 0o600, 0o700,
    ]);
    const logs = readdirSync(join(own.data, "logs"), { recursive: true, withFileTypes: true });
    for (const log of logs.filter((entry) => entry.isFile()))
      expect(mode(join(log.parentPath, log.name))).toBe(0o600);
    expect([mode(join(own.repo, "made.txt")), mode(file)]).toEqual([0o640, 0o640]);
  });
});

describe("the process broker", () => {
  const broker = join(ROOT, "dist", "broker.mjs");
  test("ends without a word when the server that started it has gone already", async () => {
    const log = join(home.folder, "broker.log");
    const stderr = openSync(log, "w");
    const child = fork(broker, [], { stdio: ["ignore", "ignore", stderr, "ipc"], execArgv: [] });
    const exited = once(child, "exit");
    child.disconnect();
    expect(await exited).toEqual([0, null]);
    closeSync(stderr);
    expect(readFileSync(log, "utf8")).toBe("");
  });
  test("says what it is when a person starts it", () => {
    const { status, stderr } = spawnSync(process.execPath, [broker], { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/started by the Poolwise server/)]);
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
