import { z } from "zod";

export const POOL_TYPES = ["local"] as const;
export type PoolType = (typeof POOL_TYPES)[number];
export type PoolStatus = "active" | "paused" | "closed";

const poolName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "letters, digits, '_', '.', '-'; at most 63 characters");
const workers = z.int().min(1).max(256);

const workerRange = (pool: { min_workers?: number | undefined; max_workers?: number | undefined }) =>
  pool.min_workers === undefined || pool.max_workers === undefined || pool.min_workers <= pool.max_workers;

export const poolSpawnSchema = z
  .strictObject({
    name: poolName,
    type: z.enum(POOL_TYPES).optional(),
    min_workers: workers.optional(),
    max_workers: workers.optional(),
    worker_type: z.enum(["auto", "command", "model"]).optional(),
  })
  .refine(workerRange, { path: ["min_workers"], message: "must not exceed max_workers" });
export type PoolSpawn = z.infer<typeof poolSpawnSchema>;

export const poolChangeSchema = z
  .strictObject({
    workers: workers.optional(),
    status: z.enum(["active", "paused"]).optional(),
  })
  .refine(
    (change) => change.workers !== undefined || change.status !== undefined,
    "workers or status is needed",
  );
export type PoolChange = z.infer<typeof poolChangeSchema>;

/** A pool as the API and the pages show it. */
export type PoolView = {
  pool_id: string;
  name: string;
  type: PoolType;
  status: PoolStatus;
  worker_type: "auto" | "command" | "model";
  min_workers: number;
  max_workers: number;
  workers: number;
  busy: number;
  queued: number;
  completed: number;
  failed: number;
  created_at: string;
  from_settings: boolean;
};
