import "server-only";
import { existsSync } from "node:fs";
import type { WorkerAvailability } from "@/lib/shape/catalog";
import { missingKey, providerProblem, type Providers } from "./providers";
import type { RecipeBook } from "./recipes";

type AvailabilityParts = { recipes: RecipeBook; providers: Providers; env: NodeJS.ProcessEnv };

/** What each type of worker can do on this installation, or what it lacks, in one sentence each. */
export function describeWorkers({ recipes, providers, env }: AvailabilityParts): WorkerAvailability[] {
  return [commandWorker(recipes), modelWorker(providers, env)];
}

function commandWorker(recipes: RecipeBook): WorkerAvailability {
  const names = recipes.list().map((recipe) => recipe.name);
  if (!existsSync("/bin/sh")) {
    return {
      type: "command",
      available: false,
      detail: "Needs a system with /bin/sh, such as Linux or macOS.",
    };
  }
  const count = `${names.length} ${names.length === 1 ? "recipe" : "recipes"}`;
  return {
    type: "command",
    available: true,
    detail: `Runs ${count} inside registered repositories: ${names.join(", ")}.`,
  };
}

function modelWorker(providers: Providers, env: NodeJS.ProcessEnv): WorkerAvailability {
  const all = Object.entries(providers).map(([name, config]) => ({
    name,
    lacks: providerProblem(config) ?? keyText(missingKey(config, env)),
  }));
  const ready = all.filter((provider) => provider.lacks === null).map((provider) => provider.name);
  if (ready.length > 0) {
    return {
      type: "model",
      available: true,
      detail: `Sends prompts to the configured models of ${ready.join(", ")}.`,
    };
  }
  if (all.length === 0) {
    const detail =
      "Needs a model provider: add one under 'providers' in settings/local.yaml, with its kind and base_url.";
    return { type: "model", available: false, detail };
  }
  const detail = `Cannot use any provider: ${all.map(({ name, lacks }) => `${name}: ${lacks}`).join("; ")}.`;
  return { type: "model", available: false, detail };
}

function keyText(variable: string | null): string | null {
  return variable === null ? null : `the environment variable ${variable} is not set`;
}
