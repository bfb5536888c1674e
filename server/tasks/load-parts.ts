import "server-only";
import { join } from "node:path";
import type { Tier } from "@/lib/shape/tier";
import { describeWorkers } from "../pools/workers/availability";
import { createCommandWorker, programEnv } from "../pools/workers/command";
import { resolveFilesInside } from "../pools/workers/files-inside";
import { createModelWorker } from "../pools/workers/model";
import { missingKey, providerProblem, type Providers } from "../pools/workers/providers";
import { planRecipe } from "../pools/workers/recipe-plan";
import { loadRecipes } from "../pools/workers/recipes";
import type { PoolManager } from "../pools/manager";
import type { Spawner } from "../pools/spawn/client";
import type { RoutingRules } from "../routing/route";
import { resolveFrom, type Paths } from "../settings/paths";
import type { Settings } from "../settings/schema";
import type { AttemptEffects } from "./attempt";
import type { PlanContext } from "./plan";

/** The rules of static routing as the settings have them. */
export function routingRules({ model_routing: routing }: Settings): RoutingRules {
  return {
    enabled: routing.enabled,
    default_tier: routing.default_tier,
    auto_tier_selection: routing.auto_tier_selection,
    min_confidence_threshold: routing.min_confidence_threshold,
    tiers: { small: routing.small_tier, medium: routing.medium_tier, large: routing.large_tier },
  };
}

export type WorkParts = {
  plan: PlanContext;
  workers: AttemptEffects["workers"];
};

/** Recipes, workers and what planning needs of them. @throws RecipeFileError */
export function loadWorkParts(
  settings: Settings,
  paths: Paths,
  spawner: Spawner,
  pools: PoolManager,
  env: NodeJS.ProcessEnv,
): WorkParts {
  const recipes = loadRecipes(join(paths.settingsDir, "recipes.yaml"), {
    defaultTimeoutSeconds: settings.workers.timeout_seconds,
  });
  const providers: Providers = settings.providers;
  const rules = routingRules(settings);
  const prices = Object.fromEntries(
    Object.entries(rules.tiers).map(([tier, { cost_per_1k_tokens }]) => [tier, cost_per_1k_tokens]),
  ) as Record<Tier, number>;
  const plan: PlanContext = {
    settings,
    rules,
    repos: new Map(
      Object.entries(settings.repos).map(([name, repo]) => [name, resolveFrom(paths.root, repo.path)]),
    ),
    recipes: {
      list: recipes.list,
      assertRunnable: async (name, repo) => {
        const recipe = recipes.get(name);
        if (!recipe) return;
        const searchPath = programEnv(env, recipe.env, repo.path).PATH ?? "";
        await planRecipe(recipe, { repo, prompt: "present", files: [], searchPath });
      },
    },
    workers: () => describeWorkers({ recipes, providers, env }),
    resolveModel: (entry) => resolveModel(entry, providers, env),
    resolveFiles: resolveFilesInside,
    pools,
  };
  return {
    plan,
    workers: {
      command: createCommandWorker({ spawner, recipes, baseEnv: env }),
      model: createModelWorker({ providers, prices, env }),
    },
  };
}

/** `provider/model` names a provider; a bare model goes to the first one that can be used. */
function resolveModel(
  entry: string | null,
  providers: Providers,
  env: NodeJS.ProcessEnv,
): { provider: string; model: string } | null {
  if (entry === null) return null;
  const [prefix = "", ...rest] = entry.split("/");
  if (rest.length > 0 && providers[prefix]) return { provider: prefix, model: rest.join("/") };
  const usable = Object.entries(providers).find(
    ([, config]) => providerProblem(config) === null && missingKey(config, env) === null,
  );
  return usable ? { provider: usable[0], model: entry } : null;
}
