import "server-only";
import { createHash } from "node:crypto";
import type { Selector } from "@/lib/shape/selector";
import type { Pool } from "./pool";

export type SelectorState = { turn: number };

/**
 * Picks one of the given pools (at least one).
 * @param affinity key that should keep going to the same pool; a pool's own name means that pool
 * @param random 0 (inclusive) to 1 (exclusive)
 */
export function selectPool(
  pools: readonly [Pool, ...Pool[]],
  selector: Selector,
  affinity: string | undefined,
  state: SelectorState,
  random: () => number = Math.random,
): Pool {
  switch (selector) {
    case "round_robin":
      return pools[state.turn++ % pools.length] ?? pools[0];
    case "random":
      return pools[Math.floor(random() * pools.length)] ?? pools[0];
    case "least_loaded":
      return best(pools, (pool) => -pool.load);
    case "affinity":
      return affinityPool(pools, affinity ?? "");
  }
}

/** Rendezvous hashing: when a pool comes or goes, only the keys it held or takes move. */
function affinityPool(pools: readonly [Pool, ...Pool[]], key: string): Pool {
  const named = pools.find((pool) => pool.config.name === key);
  if (named) return named;
  return best(pools, (pool) =>
    createHash("sha256").update(`${pool.config.name}\n${key}`).digest().readUIntBE(0, 6),
  );
}

function best(pools: readonly [Pool, ...Pool[]], score: (pool: Pool) => number): Pool {
  let chosen = pools[0];
  let highest = score(chosen);
  for (const pool of pools.slice(1)) {
    const value = score(pool);
    if (value <= highest) continue;
    chosen = pool;
    highest = value;
  }
  return chosen;
}
