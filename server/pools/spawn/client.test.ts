import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleBroker, node, requestIn, runOn, shell } from "./broker-fixture";
import { createSpawner, type Spawner } from "./client";
import type { SpawnRequest } from "./protocol";

let bundle: Awaited<ReturnType<typeof bundleBroker>>;
let spawner: Spawner;

beforeAll(async () => {
  bundle = await bundleBroker();
  spawner = createSpawner({ brokerPath: bundle.brokerPath, logger: { warn: () => undefined } });
});

afterAll(async () => {
  await spawner.close();
  bundle.remove();
});

function request(argv: string[], changes: Partial<SpawnRequest> = {}): SpawnRequest {
  return requestIn(bundle.folder, argv, changes);
}

function run(what: SpawnRequest) {
  return runOn(spawner, what);
}

describe("what a run reports", () => {
  test("output of both streams in the order of writing, and the exit code", async () => {
    const result = await run(request(shell("echo one; echo two >&2; echo three; exit 3")));
    expect(result).toMatchObject({
      output: "one\ntwo\nthree\n",
      exitCode: 3,
      signal: null,
      spawnError: null,
    });
    expect(result.outputBytes).toBe(14);
  });

  test("CPU time of grandchildren too", async () => {
    const burn =
      "const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end) for (let i = 0; i < 1e6; i++);";
    const result = await run(request(shell('"$@"; exit 0', ...node(burn))));
    expect(result.cpuTimeSeconds).toBeGreaterThanOrEqual(0.28);
    expect(result.cpuTimeSeconds).toBeLessThan(result.durationSeconds * 4);
  });

  test("peak memory of a grandchild that allocates 100 MB", async () => {
    // Held a little: what lives shorter than the time between two looks is not seen.
    const hold = "const held = Buffer.alloc(100 * 1024 * 1024, 1); setTimeout(() => held.length, 150)";
    const result = await run(request(shell('"$@"; exit 0', ...node(hold))));
    expect(result.peakMemoryMb).toBeGreaterThan(100);
    expect(result.peakMemoryMb).toBeLessThan(400);
  });

  test("a program killed by a signal, told from one that exits with the same number", async () => {
    expect(await run(request(shell("kill -KILL $$")))).toMatchObject({ exitCode: null, signal: "SIGKILL" });
    expect(await run(request(shell("exit 137")))).toMatchObject({ exitCode: 137, signal: null });
  });

  test("a missing program, folder, or an argument that is too long, in words", async () => {
    const missing = await run(request(["no-such-program-here"]));
    expect(missing.spawnError).toBe(
      "the program 'no-such-program-here' is not installed or may not be executed",
    );
    expect((await run(request(["true"], { cwd: "/no/such/folder" }))).spawnError).toContain(
      "/no/such/folder",
    );
    expect((await run(request(["echo", "x".repeat(3_000_000)]))).spawnError).toContain("too long");
  });

  test("a shell builtin's name runs nothing but a program of that name", async () => {
    expect((await run(request(["eval", "echo broken"]))).spawnError).toContain("'eval'");
  });

  test("arguments reach the program exactly as given", async () => {
    const nasty = ["$(touch x)", "`id`", "a;b", "'\"\\", "-n", "*", "", "line\nbreak", "é€😀"];
    const result = await run(
      request([...node("console.log(JSON.stringify(process.argv.slice(1)))"), "--", ...nasty]),
    );
    expect(JSON.parse(result.output)).toEqual(nasty);
  });

  test("the program sees only the environment it was given, and no descriptor of the broker", async () => {
    const what = request(shell("env; test -e /proc/$$/fd/3 && echo lifeline=open; true"), {
      env: { PATH: "/usr/bin:/bin", ONLY: "this" },
    });
    const { output } = await run(what);
    const names = output
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => line.split("=")[0]);
    expect(names.filter((name) => name !== "PWD" && name !== "_").sort()).toEqual([
      "ONLY",
      "PATH",
      "POOLWISE_ATTEMPT",
    ]);
  });
});

describe("a limit on output", () => {
  test("keeps the beginning and the end and says how much was cut", async () => {
    const result = await run(request(shell("seq 1 200000"), { outputLimitBytes: 2000 }));
    expect(result.output.startsWith("1\n2\n3\n")).toBe(true);
    expect(result.output.endsWith("199999\n200000\n")).toBe(true);
    expect(result.output).toContain(
      `[${result.truncatedBytes.toLocaleString("en")} bytes of output cut here]`,
    );
    expect(result.outputBytes - result.truncatedBytes).toBe(2000);
  });

  test("output within it arrives whole", async () => {
    const result = await run(request(shell("seq 1 1000"), { outputLimitBytes: 3893 }));
    expect(result.output.trim().split("\n")).toHaveLength(1000);
    expect(result.truncatedBytes).toBe(0);
  });
});
