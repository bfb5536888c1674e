import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PoolManager } from "./manager";
import { Pool, type Job } from "./pool";
import { selectPool } from "./selectors";

function pool(name: string, change: Partial<Pool["config"]> = {}): Pool {
  return new Pool({
    poolId: name,
    name,
    type: "local",
    workerType: "auto",
    minWorkers: 1,
    maxWorkers: 2,
    fromSettings: false,
    createdAt: 0,
    ...change,
  });
}

type Steered = { job: Job; finish: (success?: boolean) => void; started: string[] };
function steered(taskId: string, started: string[], priority = 0): Steered {
  let finish: (success?: boolean) => void = () => undefined;
  const ended = new Promise<{ success: boolean }>((resolve) => {
    finish = (success = true) => resolve({ success });
  });
  const run = () => {
    started.push(taskId);
    return ended;
  };
  return { job: { taskId, priority, run }, finish, started };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a pool", () => {
  test("runs at most its workers' number at once and starts by priority, then by arrival", async () => {
    const started: string[] = [];
    const local = pool("p");
    const jobs = [
      steered("a", started),
      steered("b", started),
      steered("c", started),
      steered("d", started, 5),
      steered("e", started),
    ];
    for (const { job } of jobs) local.enqueue(job);
    expect(started).toEqual(["a", "b"]);
    expect(local.view()).toMatchObject({ busy: 2, queued: 3, workers: 2 });
    jobs[0]?.finish();
    await turn();
    expect(started).toEqual(["a", "b", "d"]);
    jobs[1]?.finish(false);
    await turn();
    expect(started).toEqual(["a", "b", "d", "c"]);
    expect(local.view()).toMatchObject({ completed: 1, failed: 1 });
  });

  test("starts nothing while paused and goes on when resumed", async () => {
    const started: string[] = [];
    const local = pool("p");
    local.pause();
    local.enqueue(steered("a", started).job);
    expect(started).toEqual([]);
    local.resume();
    expect(started).toEqual(["a"]);
  });

  test("a withdrawn job never starts, and a stopped one sees why", async () => {
    const started: string[] = [];
    const local = pool("p", { maxWorkers: 1 });
    let reason: unknown;
    local.enqueue({
      taskId: "a",
      priority: 0,
      run: (_worker, signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            resolve({ success: false });
          }),
        ),
    });
    local.enqueue(steered("b", started).job);
    expect(local.withdraw("b")).toBe(true);
    expect(local.withdraw("b")).toBe(false);
    expect(local.stop("a", "cancelled")).toBe(true);
    await local.settled();
    expect(reason).toBe("cancelled");
    expect(started).toEqual([]);
  });
});

describe("the selectors", () => {
  const never = () => new Promise<{ success: boolean }>(() => undefined);
  const loaded = (name: string, jobs: number) => {
    const local = pool(name, { maxWorkers: 4 });
    for (let i = 0; i < jobs; i++) local.enqueue({ taskId: `${name}${i}`, priority: 0, run: never });
    return local;
  };

  test("round robin is fair to within one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }), (pools, tasks) => {
        const list = Array.from({ length: pools }, (_, i) => pool(`p${i}`)) as [Pool, ...Pool[]];
        const state = { turn: 0 };
        const counts = new Map(list.map((each) => [each, 0]));
        for (let i = 0; i < tasks; i++) {
          const chosen = selectPool(list, "round_robin", undefined, state);
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
        }
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("least loaded never picks a pool with more load than another", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), (loads) => {
        const list = loads.map((jobs, i) => loaded(`p${i}`, jobs)) as [Pool, ...Pool[]];
        const chosen = selectPool(list, "least_loaded", undefined, { turn: 0 });
        expect(chosen.load).toBe(Math.min(...list.map((each) => each.load)));
      }),
    );
  });

  test("affinity keeps a key on its pool; only keys of a lost pool move; a pool's name means that pool", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 50 }), fc.nat(4), (keys, lost) => {
        const list = Array.from({ length: 5 }, (_, i) => pool(`p${i}`)) as [Pool, ...Pool[]];
        const fewer = list.filter((_, i) => i !== lost) as [Pool, ...Pool[]];
        for (const key of keys) {
          const before = selectPool(list, "affinity", key, { turn: 0 });
          if (before !== list[lost]) expect(selectPool(fewer, "affinity", key, { turn: 0 })).toBe(before);
        }
        expect(selectPool(list, "affinity", "p3", { turn: 0 })).toBe(list[3]);
      }),
    );
  });

  test("random reaches every pool", () => {
    const list = [pool("a"), pool("b"), pool("c")] as [Pool, ...Pool[]];
    const reached = [0, 0.34, 0.99].map(
      (value) => selectPool(list, "random", undefined, { turn: 0 }, () => value).config.name,
    );
    expect(reached).toEqual(["a", "b", "c"]);
  });
});

describe("the pool manager", () => {
  const manager = () => {
    const changes: string[] = [];
    const pools = new PoolManager({ type: "local", minWorkers: 1, maxWorkers: 4 }, async (view, change) => {
      changes.push(`${view.name} ${change}`);
    });
    return { pools, changes };
  };

  test("announces what it does and refuses a second pool of one name", async () => {
    const { pools, changes } = manager();
    await pools.spawn({ name: "a" });
    await expect(pools.spawn({ name: "a" })).rejects.toThrow(/a pool named a exists/);
    await pools.change("a", { workers: 3 });
    await pools.change("a", { status: "paused" });
    await pools.change("a", { status: "active" });
    await pools.close("a", () => undefined);
    expect(changes).toEqual(["a spawned", "a scaled", "a paused", "a resumed", "a closed"]);
    expect(() => pools.get("a")).toThrow(/pool a does not exist/);
  });

  test("an unknown pool, or one that does other work, is refused naming the field", async () => {
    const { pools } = manager();
    await pools.spawn({ name: "models", worker_type: "model" });
    expect(() => pools.select({ pool: "x", strategy: "random", workerType: "command" })).toThrow(
      /pool: unknown pool x; pools: models/,
    );
    expect(() => pools.select({ pool: "models", strategy: "random", workerType: "command" })).toThrow(
      /runs model work only/,
    );
    expect(() => pools.select({ strategy: "random", workerType: "command" })).toThrow(
      /no active pool runs command work/,
    );
  });

  test("closing a pool hands its waiting tasks on, and is refused when nobody could take them", async () => {
    const { pools } = manager();
    await pools.spawn({ name: "a" });
    pools.get("a").pause();
    pools.get("a").enqueue({ taskId: "t", priority: 0, run: async () => ({ success: true }) });
    await expect(pools.close("a", () => undefined)).rejects.toThrow(/1 tasks wait in a/);
    await pools.spawn({ name: "b" });
    const moved: string[] = [];
    await pools.close("a", (ids) => moved.push(...ids));
    expect(moved).toEqual(["t"]);
  });
});
