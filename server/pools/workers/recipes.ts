import "server-only";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { z } from "zod";
import { messageOf } from "@/lib/errors";
import type { RecipeInfo } from "@/lib/shape/catalog";
import { recipeFileSchema, type Recipe } from "./recipe-schema";

export type RecipeBook = {
  get: (name: string) => Recipe | null;
  /** The first recipe that names the task type, by recipe name or in `task_types`. */
  forTaskType: (type: string) => Recipe | null;
  list: () => RecipeInfo[];
};

/** Everything that is wrong with a file of recipes, one sentence each. */
export class RecipeFileError extends Error {
  override readonly name = "RecipeFileError";
  readonly problems: string[];

  constructor(problems: string[], options?: ErrorOptions) {
    super(problems.join("\n"), options);
    this.problems = problems;
  }
}

/** Reads `recipes.yaml`. `defaultTimeoutSeconds` holds for recipes without a `timeout_seconds` of their own. */
export function loadRecipes(
  file: string,
  { defaultTimeoutSeconds }: { defaultTimeoutSeconds: number },
): RecipeBook {
  const raw = readYaml(file);
  const parsed = recipeFileSchema.safeParse(raw);
  if (!parsed.success)
    throw new RecipeFileError(parsed.error.issues.flatMap((issue) => describe(file, raw, issue)));
  const { env, recipes } = parsed.data;
  const all = Object.entries(recipes).map(([name, recipe]): Recipe => ({
    ...recipe,
    name,
    timeout_seconds: recipe.timeout_seconds ?? defaultTimeoutSeconds,
    env: { pass: [...env.pass, ...recipe.env.pass], set: { ...env.set, ...recipe.env.set } },
  }));
  return {
    get: (name) => all.find((recipe) => recipe.name === name) ?? null,
    forTaskType: (type) =>
      all.find((recipe) => recipe.name === type || recipe.task_types.includes(type)) ?? null,
    list: () => all.map(infoOf),
  };
}

export function needsPrompt(recipe: Recipe): boolean {
  return recipe.variants.some((variant) => variant.argv.includes("{prompt}"));
}

function infoOf(recipe: Recipe): RecipeInfo {
  return {
    name: recipe.name,
    description: recipe.description,
    task_types: recipe.task_types,
    needs_prompt: needsPrompt(recipe),
    read_only: recipe.read_only,
    timeout_seconds: recipe.timeout_seconds,
  };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new RecipeFileError([`${file}: found no readable YAML, expected recipes: ${messageOf(error)}`], {
      cause: error,
    });
  }
}

type Issue = z.core.$ZodIssue;

function describe(file: string, raw: unknown, issue: Issue): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${file}: ${[...path, key].join(".")}: found an unknown key, expected none of that name`,
    );
  }
  // Of a union, the branch that went furthest says most: a list is judged as a list, a word as a word.
  if (issue.code === "invalid_union") {
    const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
    if (deepest) return describe(file, raw, { ...deepest, path: [...issue.path, ...deepest.path] });
  }
  const found = valueAt(raw, path);
  return [`${file}: ${path.join(".") || "the file"}: found ${shown(found)}, expected ${expectation(issue)}`];
}

function expectation(issue: Issue): string {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  return issue.message.replace(/^.*expected /, "");
}

function valueAt(raw: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null
      ? Object.entries(value).find(([k]) => k === key)?.[1]
      : undefined;
  }, raw);
}

const SHOWN_MAX_CHARS = 80;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > SHOWN_MAX_CHARS ? `${text.slice(0, SHOWN_MAX_CHARS)}…` : text;
}
