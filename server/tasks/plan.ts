import "server-only";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { invalid, messageOf, problemOf } from "@/lib/errors";
import type { RecipeInfo, WorkerAvailability } from "@/lib/shape/catalog";
import type { Decision } from "@/lib/shape/decision";
import type { FieldError } from "@/lib/shape/problem";
import { taskSubmissionSchema, type TaskSubmission } from "@/lib/shape/task";
import type { PoolManager } from "../pools/manager";
import type { WorkerType } from "../pools/types";
import { estimateTokens, SCORED_TASK_TYPES } from "../routing/score";
import { route, type RoutingRules } from "../routing/route";
import type { Settings } from "../settings/schema";

/** Recipes as planning sees them. */
export type PlannedRecipes = {
  list: () => RecipeInfo[];
  /** Throws a `PoolwiseError` saying why the recipe cannot run in the repository. */
  assertRunnable: (name: string, repo: Plan["repo"]) => Promise<void>;
};

export type PlanContext = {
  settings: Settings;
  rules: RoutingRules;
  /** Registered repositories: name -> absolute path. */
  repos: Map<string, string>;
  recipes: PlannedRecipes;
  workers: () => WorkerAvailability[];
  /** Provider and model that serve a tier's model entry, or null when no provider is usable. */
  resolveModel: (entry: string | null) => { provider: string; model: string } | null;
  resolveFiles: (repoPath: string, files: string[]) => Promise<unknown>;
  pools: PoolManager;
};

/** A task that may run: everything decided, nothing stored yet. */
export type Plan = {
  submission: TaskSubmission;
  type: string;
  repo: { name: string; path: string };
  recipe: RecipeInfo | null;
  description: string;
  timeoutSeconds: number;
  decision: Decision;
};

const GENERAL_TYPE = "general";
// Linux takes no single argument longer than that.
const ARGUMENT_MAX_BYTES = 131_071;

/** What a task is about, in its own words or its recipe's. */
export function describeTask(prompt: string, recipe: RecipeInfo | null): string {
  return prompt.trim() || (recipe ? `${recipe.name}: ${recipe.description}` : "");
}

/** Types a task may have: those the score knows, those of the recipes, and `general`. */
export function knownTaskTypes(recipes: RecipeInfo[]): string[] {
  return [
    ...new Set([...SCORED_TASK_TYPES, ...recipes.flatMap((recipe) => recipe.task_types), GENERAL_TYPE]),
  ];
}

/** @throws PoolwiseError 422 with every field that breaks a rule */
export function parseSubmission(input: unknown): TaskSubmission {
  const parsed = taskSubmissionSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(fieldErrors(parsed.error));
}

export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...issue.path, key].join("."), message: "unknown field" }));
    }
    return [{ path: issue.path.join("."), message: issue.message }];
  });
}

/** Decides where a task goes and checks that it can run there. @throws PoolwiseError naming the field */
export async function planTask(submission: TaskSubmission, context: PlanContext): Promise<Plan> {
  const recipes = context.recipes.list();
  const errors: FieldError[] = [];
  const repo = findRepo(submission, context.repos, errors);
  const recipe = findRecipe(submission, recipes, context, errors);
  const type = findType(submission, recipe, recipes, errors);
  checkRecipeName("check", submission.check, recipes, errors);
  if (repo) errors.push(...(await repoErrors(submission, recipe, repo, context)));
  if (errors.length > 0 || !repo) throw invalid(errors);

  const workerType: WorkerType = recipe ? "command" : "model";
  if (!recipe) requireModel(submission, recipes, context);
  const description = describeTask(submission.prompt, recipe);
  return {
    submission,
    type,
    repo,
    recipe,
    description,
    timeoutSeconds:
      submission.timeout_seconds ?? recipe?.timeout_seconds ?? context.settings.workers.timeout_seconds,
    decision: decide(submission, type, description, workerType, context),
  };
}

function decide(
  submission: TaskSubmission,
  type: string,
  description: string,
  workerType: WorkerType,
  context: PlanContext,
): Decision {
  const strategy =
    submission.strategy ?? (submission.affinity ? "affinity" : context.settings.pools.routing_strategy);
  const pool = context.pools.select({
    pool: submission.pool,
    strategy,
    affinity: submission.affinity,
    workerType,
  });
  const routed = route(
    {
      type,
      description,
      fileCount: submission.files.length,
      estimatedTokens: submission.estimated_tokens ?? estimateTokens(submission.prompt),
      tier: submission.tier,
      callsModel: workerType === "model",
    },
    context.rules,
  );
  const served = workerType === "model" ? context.resolveModel(routed.model) : null;
  return {
    ...routed,
    decision_id: randomUUID(),
    model: served?.model ?? routed.model,
    provider: served?.provider ?? null,
    worker_type: workerType,
    pool_id: pool.config.poolId,
    pool_name: pool.config.name,
    strategy,
  };
}

function findRepo(
  submission: TaskSubmission,
  repos: Map<string, string>,
  errors: FieldError[],
): Plan["repo"] | null {
  const names = [...repos.keys()];
  const name = submission.repo ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    errors.push({ path: "repo", message: `is needed; registered repositories: ${names.join(", ")}` });
    return null;
  }
  const path = repos.get(name);
  if (path !== undefined) return { name, path };
  errors.push({
    path: "repo",
    message: `unknown repository ${name}; registered: ${names.join(", ") || "none"}`,
  });
  return null;
}

/** The named recipe, or the one that is made for the task's type. */
function findRecipe(
  submission: TaskSubmission,
  recipes: RecipeInfo[],
  context: PlanContext,
  errors: FieldError[],
): RecipeInfo | null {
  if (submission.recipe !== undefined) {
    checkRecipeName("recipe", submission.recipe, recipes, errors);
    return recipes.find((recipe) => recipe.name === submission.recipe) ?? null;
  }
  if (context.settings.workers.default_type === "model" || submission.type === undefined) return null;
  const { type } = submission;
  return recipes.find((recipe) => recipe.task_types.includes(type)) ?? null;
}

function checkRecipeName(
  field: "recipe" | "check",
  name: string | undefined,
  recipes: RecipeInfo[],
  errors: FieldError[],
): void {
  if (name === undefined || recipes.some((recipe) => recipe.name === name)) return;
  errors.push({
    path: field,
    message: `unknown recipe ${name}; recipes: ${recipes.map((recipe) => recipe.name).join(", ")}`,
  });
}

function findType(
  submission: TaskSubmission,
  recipe: RecipeInfo | null,
  recipes: RecipeInfo[],
  errors: FieldError[],
): string {
  if (submission.type === undefined) return recipe?.task_types[0] ?? GENERAL_TYPE;
  const known = knownTaskTypes(recipes);
  if (!known.includes(submission.type)) {
    errors.push({
      path: "type",
      message: `unknown task type ${submission.type}; types: ${known.join(", ")}`,
    });
  }
  return submission.type;
}

async function repoErrors(
  submission: TaskSubmission,
  recipe: RecipeInfo | null,
  repo: Plan["repo"],
  context: PlanContext,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  if (recipe?.needs_prompt && submission.prompt.trim() === "") {
    errors.push({ path: "prompt", message: `recipe ${recipe.name} needs a prompt` });
  }
  if (recipe?.needs_prompt && Buffer.byteLength(submission.prompt) > ARGUMENT_MAX_BYTES) {
    errors.push({
      path: "prompt",
      message: `at most ${ARGUMENT_MAX_BYTES} bytes with a recipe, which passes it as one argument`,
    });
  }
  const recipes = context.recipes.list();
  for (const [field, name] of [
    ["recipe", recipe?.name],
    ["check", submission.check],
  ] as const) {
    if (name === undefined || !recipes.some((known) => known.name === name)) continue;
    await context.recipes.assertRunnable(name, repo).catch((error: unknown) => {
      errors.push({ path: field, message: problemOf(error)?.errors[0]?.message ?? messageOf(error) });
    });
  }
  // Throws with one error per file, so it comes after what concerns the task as a whole.
  if (errors.length === 0) await context.resolveFiles(repo.path, submission.files);
  return errors;
}

/** A prompt that nothing here can answer is refused now, with what is available, not failed later. */
function requireModel(submission: TaskSubmission, recipes: RecipeInfo[], context: PlanContext): void {
  const model = context.workers().find((worker) => worker.type === "model");
  if (model?.available) return;
  const named = recipes.map((recipe) => recipe.name).join(", ");
  throw invalid([
    {
      path: submission.prompt.trim() === "" ? "recipe" : "prompt",
      message:
        `nothing available here can answer a free-text prompt. Available: the command worker, with the recipes ${named} ` +
        `(choose one as recipe, or a task type that has one). Not available: the model worker: ${model?.detail ?? "none is installed"}`,
    },
  ]);
}
