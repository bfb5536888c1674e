import "server-only";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { POOL_TYPES, type PoolView } from "@/lib/shape/pool";
import openPoolsSql from "@/sql/read/open_pools.sql";
import poolSql from "@/sql/write/pool.sql";
import type { Database } from "../database/database";
import type { PoolManager } from "../pools/manager";
import type { PoolConfig } from "../pools/pool";
import type { Settings } from "../settings/schema";

const storedPool = z.object({
  pool_id: z.string(),
  name: z.string(),
  type: z.enum(POOL_TYPES),
  worker_type: z.enum(["auto", "command", "model"]),
  status: z.enum(["active", "paused"]),
  min_workers: z.int(),
  max_workers: z.int(),
  from_settings: z.boolean(),
  created_ms: z.number(),
});
type StoredPool = z.infer<typeof storedPool>;

export async function storePool(database: Database, pool: PoolView): Promise<void> {
  const { pool_id, name, type, worker_type, status, min_workers, max_workers, from_settings } = pool;
  await database.writer.write(
    [
      {
        sql: poolSql,
        values: {
          pool_id,
          name,
          type,
          worker_type,
          status,
          min_workers,
          max_workers,
          from_settings,
          created_ms: Date.parse(pool.created_at),
        },
      },
    ],
    [{ table: "pools", day: "all" }],
  );
}

/**
 * Brings the pools back: those of the settings with the sizes the settings say and the id they had before,
 * those that people spawned as they were left. A pool that the settings no longer name is closed.
 */
export async function restorePools(
  database: Database,
  pools: PoolManager,
  settings: Settings["pools"],
): Promise<void> {
  const stored = z.array(storedPool).parse(await database.read(openPoolsSql));
  for (const definition of settings.definitions) {
    const before = stored.find((pool) => pool.name === definition.name);
    const pool = pools.restore(fromDefinition(definition, before, settings), before?.status ?? "active");
    if (!before || !sameSize(before, pool.config)) await storePool(database, pool.view());
  }
  const named = new Set(settings.definitions.map((definition) => definition.name));
  for (const pool of stored.filter((candidate) => !named.has(candidate.name))) {
    const restored = pools.restore(asStored(pool), pool.status);
    if (pool.from_settings) await pools.close(restored.config.poolId, () => undefined);
  }
}

function sameSize(stored: StoredPool, config: PoolConfig): boolean {
  return (
    stored.min_workers === config.minWorkers &&
    stored.max_workers === config.maxWorkers &&
    stored.worker_type === config.workerType &&
    stored.from_settings
  );
}

function fromDefinition(
  definition: Settings["pools"]["definitions"][number],
  before: StoredPool | undefined,
  settings: Settings["pools"],
): PoolConfig {
  const maxWorkers = definition.max_workers ?? Math.max(settings.max_workers, definition.min_workers ?? 0);
  return {
    poolId: before?.pool_id ?? randomUUID(),
    name: definition.name,
    type: definition.type ?? settings.default_type,
    workerType: definition.worker_type ?? "auto",
    minWorkers: Math.min(definition.min_workers ?? settings.min_workers, maxWorkers),
    maxWorkers,
    fromSettings: true,
    createdAt: before?.created_ms ?? Date.now(),
  };
}

function asStored(pool: StoredPool): PoolConfig {
  return {
    poolId: pool.pool_id,
    name: pool.name,
    type: pool.type,
    workerType: pool.worker_type,
    minWorkers: pool.min_workers,
    maxWorkers: pool.max_workers,
    fromSettings: pool.from_settings,
    createdAt: pool.created_ms,
  };
}
