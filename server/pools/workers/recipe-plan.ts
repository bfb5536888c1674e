import "server-only";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { invalid } from "@/lib/errors";
import { findExecutable } from "../spawn/broker-executable";
import type { Condition, Recipe, Variant } from "./recipe-schema";
import { needsPrompt } from "./recipes";

type PlanInput = {
  repo: { name: string; path: string };
  prompt: string;
  /** Relative to the repository; see `resolveFilesInside`. */
  files: string[];
  /** As in the environment variable `PATH` of the program to be run. */
  searchPath: string;
};

/**
 * The argument list that a recipe comes to in this repository, for these files and this prompt.
 * Throws a `PoolwiseError` on field `recipe` when no variant fits, on `prompt` when one is needed and missing.
 */
export async function planRecipe(recipe: Recipe, input: PlanInput): Promise<string[]> {
  if (needsPrompt(recipe) && input.prompt.trim() === "") {
    throw invalid([{ path: "prompt", message: `recipe '${recipe.name}' needs a prompt` }]);
  }
  const variant = await findVariant(recipe.variants, input);
  if (variant !== null) return variant.argv.flatMap((argument) => expand(argument, input));
  const wanted = recipe.variants.map((each) => describeCondition(each.when)).join("; or ");
  throw invalid([
    {
      path: "recipe",
      message: `recipe '${recipe.name}' cannot run in '${input.repo.name}'. It looked for ${wanted}, and found none of these`,
    },
  ]);
}

async function findVariant(variants: Variant[], input: PlanInput): Promise<Variant | null> {
  for (const variant of variants) {
    if (await holds(variant.when, input)) return variant;
  }
  return null;
}

async function holds(when: Condition, { repo, searchPath }: PlanInput): Promise<boolean> {
  const here = (file: string) => join(repo.path, file);
  if (when.file && !(await anyAsync(when.file, (file) => exists(here(file))))) return false;
  if (when.file_contains) {
    const { file, text } = when.file_contains;
    if (!(await textOf(here(file))).includes(text)) return false;
  }
  if (when.script) {
    const scripts = await scriptsOf(here("package.json"));
    if (!when.script.some((name) => scripts.includes(name))) return false;
    if (findExecutable("npm", { path: searchPath, cwd: repo.path }) === null) return false;
  }
  return (
    !when.command || when.command.some((name) => findExecutable(name, { path: searchPath, cwd: repo.path }))
  );
}

function expand(argument: string, { repo, prompt, files }: PlanInput): string[] {
  // A file may be called `-rf`; with a folder before it no program takes it for an option.
  const paths = files.map((file) => (file.startsWith("-") ? `./${file}` : file));
  if (argument === "{repo}") return [repo.path];
  if (argument === "{prompt}") return [prompt];
  if (argument === "{files}") return paths;
  if (argument === "{files|.}") return paths.length > 0 ? paths : ["."];
  return [argument];
}

function describeCondition(when: Condition): string {
  const parts = [
    when.file && `the file ${when.file.join(" or ")}`,
    when.file_contains && `'${when.file_contains.text}' in ${when.file_contains.file}`,
    when.script && `a script '${when.script.join("' or '")}' in package.json, with npm installed`,
    when.command && `the program '${when.command.join("' or '")}'`,
  ];
  return parts.filter(Boolean).join(" with ");
}

async function scriptsOf(file: string): Promise<string[]> {
  try {
    const parsed: unknown = JSON.parse(await textOf(file));
    if (typeof parsed !== "object" || parsed === null || !("scripts" in parsed)) return [];
    return typeof parsed.scripts === "object" && parsed.scripts !== null ? Object.keys(parsed.scripts) : [];
  } catch {
    return []; // absent or broken: there is no script that could be run either way
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function anyAsync<T>(items: T[], test: (item: T) => Promise<boolean>): Promise<boolean> {
  const results = await Promise.all(items.map(test));
  return results.includes(true);
}
