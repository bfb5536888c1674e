import "server-only";
import { existsSync } from "node:fs";
import { invalid, PoolwiseError } from "@/lib/errors";
import type { Catalog } from "@/lib/shape/catalog";
import { poolChangeSchema, poolSpawnSchema } from "@/lib/shape/pool";
import type { PoolManager } from "../pools/manager";
import type { Runtime } from "../runtime";
import type { Conductor } from "./conductor";
import { fieldErrors, knownTaskTypes, type PlanContext } from "./plan";

/** Pools as the doors may change them; nothing changes once shutdown has begun. */
export function poolDoors(
  pools: PoolManager,
  conductor: Conductor,
  isDraining: () => boolean,
): Runtime["pools"] {
  const whileOpen = () => {
    if (isDraining()) throw new PoolwiseError(503, "The server is shutting down; its pools take no changes.");
  };
  return {
    list: () => pools.list(),
    spawn: async (input) => {
      whileOpen();
      const parsed = poolSpawnSchema.safeParse(input);
      if (!parsed.success) throw invalid(fieldErrors(parsed.error));
      return pools.spawn(parsed.data);
    },
    change: async (idOrName, input) => {
      whileOpen();
      const parsed = poolChangeSchema.safeParse(input);
      if (!parsed.success) throw invalid(fieldErrors(parsed.error));
      return pools.change(idOrName, parsed.data);
    },
    close: async (idOrName) => {
      whileOpen();
      return pools.close(idOrName, (taskIds) => conductor.relocate(taskIds));
    },
  };
}

/** What can be asked for on this installation. */
export function describeCatalog({ settings, repos, recipes, workers }: PlanContext): Catalog {
  return {
    repos: Object.entries(settings.repos).map(([name, { description, tags }]) => {
      const path = repos.get(name) ?? "";
      return {
        name,
        path,
        description,
        tags,
        problem: existsSync(path) ? null : "the folder does not exist",
      };
    }),
    recipes: recipes.list(),
    task_types: knownTaskTypes(recipes.list()),
    workers: workers(),
  };
}
