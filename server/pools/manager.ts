import "server-only";
import { randomUUID } from "node:crypto";
import { invalid, notFound, PoolwiseError } from "@/lib/errors";
import type { PoolChange, PoolSpawn, PoolType, PoolView } from "@/lib/shape/pool";
import type { Selector } from "@/lib/shape/selector";
import { Pool, type PoolConfig } from "./pool";
import { selectPool } from "./selectors";
import type { WorkerType } from "./types";

export type PoolDefaults = { type: PoolType; minWorkers: number; maxWorkers: number };
export type PoolNotice = "spawned" | "scaled" | "paused" | "resumed" | "closed";

/** Told of every change, to store and announce it; resolves when stored. */
export type PoolListener = (pool: PoolView, change: PoolNotice) => Promise<void>;

export type PoolRequest = {
  pool?: string | undefined;
  strategy: Selector;
  affinity?: string | undefined;
  workerType: WorkerType;
};

/** Owns the pools: spawns, finds, scales, pauses, closes them, and picks one for a task. */
export class PoolManager {
  private readonly pools = new Map<string, Pool>();
  private readonly turns = { turn: 0 };

  constructor(
    private readonly defaults: PoolDefaults,
    private readonly onChange: PoolListener,
  ) {}

  list(): PoolView[] {
    return [...this.pools.values()].map((pool) => pool.view());
  }

  all(): Pool[] {
    return [...this.pools.values()];
  }

  /** Puts back a pool that was stored, without announcing it. */
  restore(config: PoolConfig, status: "active" | "paused"): Pool {
    const pool = new Pool(config);
    pool.status = status;
    this.pools.set(config.poolId, pool);
    return pool;
  }

  async spawn(request: PoolSpawn, fromSettings = false): Promise<PoolView> {
    if (this.find(request.name))
      throw new PoolwiseError(409, `name: a pool named ${request.name} exists`, [
        { path: "name", message: "a pool of this name exists" },
      ]);
    const minWorkers =
      request.min_workers ??
      Math.min(this.defaults.minWorkers, request.max_workers ?? this.defaults.minWorkers);
    const pool = this.restore(
      {
        poolId: randomUUID(),
        name: request.name,
        type: request.type ?? this.defaults.type,
        workerType: request.worker_type ?? "auto",
        minWorkers,
        maxWorkers: request.max_workers ?? Math.max(this.defaults.maxWorkers, minWorkers),
        fromSettings,
        createdAt: Date.now(),
      },
      "active",
    );
    await this.onChange(pool.view(), "spawned");
    return pool.view();
  }

  async change(idOrName: string, change: PoolChange): Promise<PoolView> {
    const pool = this.get(idOrName);
    if (change.workers !== undefined) {
      pool.scale(change.workers);
      await this.onChange(pool.view(), "scaled");
    }
    if (change.status === "paused" && pool.status === "active") {
      pool.pause();
      await this.onChange(pool.view(), "paused");
    }
    if (change.status === "active" && pool.status === "paused") {
      pool.resume();
      await this.onChange(pool.view(), "resumed");
    }
    return pool.view();
  }

  /**
   * Closes a pool: running jobs finish, waiting ones are handed to `relocate`.
   * @throws PoolwiseError 409 when jobs wait and no other pool could take them
   */
  async close(idOrName: string, relocate: (taskIds: string[]) => void): Promise<PoolView> {
    const pool = this.get(idOrName);
    const others = this.all().some((other) => other !== pool && other.status === "active");
    if (pool.queued > 0 && !others) {
      throw new PoolwiseError(
        409,
        `${pool.queued} tasks wait in ${pool.config.name} and no other pool is active. Cancel them or spawn another pool first.`,
      );
    }
    pool.close();
    this.pools.delete(pool.config.poolId);
    relocate(pool.withdrawAll().map((job) => job.taskId));
    await this.onChange(pool.view(), "closed");
    return pool.view();
  }

  get(idOrName: string): Pool {
    const pool = this.find(idOrName);
    if (!pool) throw notFound(`pool ${idOrName}`);
    return pool;
  }

  /** The pool a task goes to. @throws PoolwiseError 422 naming the field that leaves no pool */
  select(request: PoolRequest): Pool {
    const candidates = this.candidates(request);
    const [first, ...rest] = candidates;
    if (first) return selectPool([first, ...rest], request.strategy, request.affinity, this.turns);
    throw invalid([
      { path: "pool", message: `no active pool runs ${request.workerType} work; pools: ${this.names()}` },
    ]);
  }

  private candidates(request: PoolRequest): Pool[] {
    if (request.pool === undefined) {
      const able = this.all().filter((pool) => runs(pool, request.workerType));
      const active = able.filter((pool) => pool.status === "active");
      // With every pool paused the task waits in one of them, and says so.
      return active.length > 0 ? active : able;
    }
    const named = this.find(request.pool);
    if (!named)
      throw invalid([{ path: "pool", message: `unknown pool ${request.pool}; pools: ${this.names()}` }]);
    if (!runs(named, request.workerType)) {
      throw invalid([
        {
          path: "pool",
          message: `pool ${request.pool} runs ${named.config.workerType} work only, this task needs ${request.workerType}`,
        },
      ]);
    }
    return [named];
  }

  private find(idOrName: string): Pool | undefined {
    return this.pools.get(idOrName) ?? this.all().find((pool) => pool.config.name === idOrName);
  }

  private names(): string {
    return (
      this.all()
        .map((pool) => pool.config.name)
        .join(", ") || "none"
    );
  }
}

function runs(pool: Pool, workerType: WorkerType): boolean {
  return pool.config.workerType === "auto" || pool.config.workerType === workerType;
}
