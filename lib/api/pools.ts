import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "./request";
import type { PoolChange, PoolSpawn, PoolView } from "@/lib/shape/pool";

export const POOLS_KEY = ["pools"] as const;

export function poolsQuery() {
  return queryOptions({
    queryKey: POOLS_KEY,
    queryFn: ({ signal }) => requestJson<PoolView[]>("/api/pools", { signal }),
  });
}

export function spawnPool(pool: PoolSpawn): Promise<PoolView> {
  return requestJson("/api/pools", { method: "POST", body: pool });
}

export function changePool(poolId: string, change: PoolChange): Promise<PoolView> {
  return requestJson(poolPath(poolId), { method: "PATCH", body: change });
}

export function closePool(poolId: string): Promise<PoolView> {
  return requestJson(poolPath(poolId), { method: "DELETE" });
}

function poolPath(poolId: string): string {
  return `/api/pools/${encodeURIComponent(poolId)}`;
}
