import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bundleBroker, familyIn, isRunning, node, requestIn, runOn, shell, until } from "./broker-fixture";
import { findTagged, killTagged } from "./broker-process-tree";
import { createSpawner, type Spawner, type SpawnOptions } from "./client";
import type { SpawnRequest } from "./protocol";

let bundle: Awaited<ReturnType<typeof bundleBroker>>;
let spawner: Spawner;
const warnings: string[] = [];

beforeAll(async () => {
  bundle = await bundleBroker();
  spawner = start();
});

afterAll(async () => {
  await spawner.close();
  bundle.remove();
});

function start(): Spawner {
  return createSpawner({
    brokerPath: bundle.brokerPath,
    logger: { warn: (_fields, message) => void warnings.push(message) },
  });
}

function request(argv: string[], changes: Partial<SpawnRequest> = {}): SpawnRequest {
  return requestIn(bundle.folder, argv, changes);
}

function run(what: SpawnRequest, options: Partial<SpawnOptions> = {}, by = spawner) {
  return runOn(by, what, options);
}

function family(then?: string) {
  return familyIn(bundle.folder, then);
}

function commandOf(pid: number): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
}

describe("an end that is forced", () => {
  test("stopping kills the whole tree, those who ignore SIGTERM and those in a new session too", async () => {
    const { argv, pids, born } = family();
    const controller = new AbortController();
    const what = request(argv);
    const running = run(what, { signal: controller.signal });
    await born();
    controller.abort("timeout");
    const result = await running;
    expect(result.exitCode === null || result.exitCode > 128).toBe(true);
    expect(pids().filter(isRunning)).toEqual([]);
    expect(findTagged(what.tag)).toEqual([]);
  });

  test("SIGTERM comes first, once, with time to clean up", async () => {
    const script =
      "process.on('SIGTERM', () => { console.log('cleaned'); process.exit(7) }); console.log('ready'); setInterval(() => {}, 1000)";
    const controller = new AbortController();
    const chunks: string[] = [];
    const result = await run(request(node(script)), {
      signal: controller.signal,
      onOutput: (chunk) => {
        chunks.push(Buffer.from(chunk).toString());
        if (chunks.join("") === "ready\n") controller.abort("cancelled");
      },
    });
    expect(chunks.join("")).toBe("ready\ncleaned\n");
    expect(result.exitCode).toBe(7);
  });

  test("what a program leaves behind does not outlive it or delay its result", async () => {
    const { argv, pids } = family("exit 0");
    const what = request(argv);
    expect(await run(what)).toMatchObject({ exitCode: 0, signal: null });
    expect(pids().filter(isRunning)).toEqual([]);
    expect(findTagged(what.tag)).toEqual([]);
  });

  test("a grandchild that dropped session and environment is killed too, once it has been seen", async () => {
    const file = join(bundle.folder, randomUUID());
    const script = 'env -i setsid sleep 300 & echo $! >"$1"; wait';
    const controller = new AbortController();
    const read = () => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
    const running = run(request(shell(script, file)), { signal: controller.signal });
    // Its memory is looked at every few milliseconds; by the time it has run `sleep` it has been seen.
    await until("it sleeps", () => read() > 0 && commandOf(read()).startsWith("sleep"));
    controller.abort("cancelled");
    await running;
    expect(isRunning(read())).toBe(false);
  });

  test("stopping at once, many times over, leaves nothing behind", async () => {
    const requests = Array.from({ length: 30 }, () => request(family().argv));
    const results = requests.map((what) => {
      const controller = new AbortController();
      const running = run(what, { signal: controller.signal });
      controller.abort("cancelled");
      return running;
    });
    await Promise.all(results);
    expect(requests.flatMap((what) => findTagged(what.tag))).toEqual([]);
  });

  test("a run that was stopped before it began starts nothing", async () => {
    const file = join(bundle.folder, randomUUID());
    const result = await run(request(["touch", file]), { signal: AbortSignal.abort("cancelled") });
    expect(result.spawnError).toBe("it was stopped before it started");
    expect(existsSync(file)).toBe(false);
  });
});

describe("a broker that dies", () => {
  test("takes every child along, answers the runs, and the next run works", async () => {
    const own = start();
    onTestFinished(() => own.close());
    const { argv, pids, born } = family();
    const what = request(argv);
    const running = run(what, {}, own);
    await born();
    const before = own.brokerPid;
    if (before === null) throw new Error("no broker");
    process.kill(before, "SIGKILL");
    const result = await running;
    expect(result.spawnError).toBe("the process broker ended (ended by SIGKILL)");
    await until("the children are gone", () => !pids().some(isRunning) && findTagged(what.tag).length === 0);
    expect(warnings).toContain("the process broker ended; the next run starts another");
    expect(await run(request(["echo", "again"]), {}, own)).toMatchObject({ output: "again\n", exitCode: 0 });
    expect(own.brokerPid).not.toBe(before);
  });

  test("a broker that cannot start is an answer, not a hang", async () => {
    const brokerPath = join(bundle.folder, "broken.mjs");
    writeFileSync(brokerPath, "process.exit(3)");
    const broken = createSpawner({ brokerPath, logger: { warn: () => undefined } });
    onTestFinished(() => broken.close());
    const { spawnError } = await run(request(["true"]), {}, broken);
    expect(spawnError).toBe("the process broker ended (exit code 3)");
  });

  test("closing ends runs and broker, and later runs are refused", async () => {
    const own = start();
    const { argv, pids, born } = family();
    const running = run(request(argv), {}, own);
    await born();
    const broker = own.brokerPid;
    await own.close();
    expect((await running).spawnError).toContain("the process broker ended");
    expect([...pids(), broker ?? 0].filter(isRunning)).toEqual([]);
    expect((await run(request(["true"]), {}, own)).spawnError).toBe("the server is shutting down");
  });
});

describe("with nobody left to sweep", () => {
  /** A process that starts the broker and one run, as the server does, but never looks after them. */
  async function bareServer(what: SpawnRequest) {
    const parent = join(bundle.folder, `${randomUUID()}.mjs`);
    writeFileSync(
      parent,
      `import { fork } from "node:child_process";
       const [broker, request] = process.argv.slice(2);
       const child = fork(broker, [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
       child.send({ type: "run", id: "1", request: JSON.parse(request) });
       child.on("exit", () => undefined);
       setInterval(() => undefined, 1000);
       console.log(child.pid);`,
    );
    const server = spawn(process.execPath, [parent, bundle.brokerPath, JSON.stringify(what)]);
    onTestFinished(() => void server.kill("SIGKILL"));
    let brokerPid = 0;
    server.stdout.on("data", (chunk: Buffer) => (brokerPid = Number(chunk.toString())));
    await until("the broker's id is known", () => brokerPid > 0);
    return { server, brokerPid };
  }

  test("a server that is killed takes broker and children along", async () => {
    const { argv, pids, born } = family();
    const what = request(argv);
    const { server, brokerPid } = await bareServer(what);
    await born();
    server.kill("SIGKILL");
    await until("broker and children are gone", () => ![brokerPid, ...pids()].some(isRunning));
    expect(findTagged(what.tag)).toEqual([]);
  });

  test("a broker that is killed takes the process group along by its watchdog alone", async () => {
    const { argv, pids, born } = family();
    const what = request(argv);
    const { brokerPid } = await bareServer(what);
    await born();
    const [shellPid = 0, escaped = 0, stubborn = 0] = pids();
    process.kill(brokerPid, "SIGKILL");
    await until("the group is gone", () => ![shellPid, stubborn].some(isRunning));
    // Only someone who knows the tag can find the one that left the group; the client does that for its runs.
    expect(findTagged(what.tag)).toEqual([escaped]);
    await killTagged(what.tag);
    expect(isRunning(escaped)).toBe(false);
  });
});
