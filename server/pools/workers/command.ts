import "server-only";
import { delimiter, dirname } from "node:path";
import { messageOf, problemOf } from "@/lib/errors";
import type { Spawner } from "../spawn/client";
import type { SpawnResult } from "../spawn/protocol";
import type { WorkContext, WorkOrder, WorkResult, Worker } from "../types";
import { resolveFilesInside } from "./files-inside";
import { createOutputReader, type OutputReader } from "./grade";
import { planRecipe } from "./recipe-plan";
import type { Recipe, RecipeEnv } from "./recipe-schema";
import type { RecipeBook } from "./recipes";
import { failedResult, passedResult, stoppedResult, watchAbort } from "./result";

type CommandWorkerParts = {
  spawner: Spawner;
  recipes: RecipeBook;
  /** What the environment of programs is chosen from, usually `process.env`. */
  baseEnv: NodeJS.ProcessEnv;
};

/** Runs recipes as processes of their own, in the repository's folder. */
export function createCommandWorker({ spawner, recipes, baseEnv }: CommandWorkerParts): Worker {
  async function run(order: WorkOrder, context: WorkContext): Promise<WorkResult> {
    const recipe = order.recipe === null ? recipes.forTaskType(order.type) : recipes.get(order.recipe);
    const name = recipe?.name ?? order.recipe ?? order.type;
    if (recipe === null) return failedResult(order, name, "validation", `there is no recipe '${name}'`);
    try {
      return await runRecipe(recipe, order, context);
    } catch (error) {
      return failedResult(order, name, problemOf(error) ? "validation" : "crash", messageOf(error));
    }
  }

  async function runRecipe(recipe: Recipe, order: WorkOrder, context: WorkContext): Promise<WorkResult> {
    const env = programEnv(baseEnv, recipe.env, order.repo.path);
    const files = await resolveFilesInside(order.repo.path, order.files);
    const argv = await planRecipe(recipe, {
      repo: order.repo,
      prompt: order.prompt,
      files,
      searchPath: env.PATH ?? "",
    });
    const reader = createOutputReader(recipe.quality);
    const abort = watchAbort(context.signal);
    const result = await spawner.run(
      { argv, cwd: order.repo.path, env, outputLimitBytes: order.outputLimitBytes, tag: order.attemptId },
      {
        signal: context.signal,
        onOutput: (chunk) => {
          reader.push(chunk);
          context.onOutput(chunk);
        },
      },
    );
    const measured = {
      exitCode: result.exitCode,
      durationSeconds: result.durationSeconds,
      cpuTimeSeconds: result.cpuTimeSeconds,
      peakMemoryMb: result.peakMemoryMb,
    };
    const stopped = abort.stopped();
    if (stopped !== null) return { ...stoppedResult(order, recipe.name, stopped), ...measured };
    return { ...judge(recipe, order, result, reader), ...measured };
  }

  return { run };
}

function judge(recipe: Recipe, order: WorkOrder, result: SpawnResult, reader: OutputReader): WorkResult {
  if (result.spawnError !== null) return failedResult(order, recipe.name, "crash", result.spawnError);
  const last = reader.lastLines().join("\n");
  if (result.exitCode === null) {
    return failedResult(
      order,
      recipe.name,
      "crash",
      withOutput(`ended by ${result.signal ?? "a signal"}`, last),
    );
  }
  const passed = recipe.success_exit_codes.includes(result.exitCode);
  const outcome = passed
    ? passedResult(order, recipe.name)
    : failedResult(order, recipe.name, recipe.failure_type, withOutput(`exit code ${result.exitCode}`, last));
  return { ...outcome, qualityScore: reader.score(passed) };
}

const MESSAGE_MAX_CHARS = 1_000;

/** Keeps the end of the output, where programs say what went wrong. */
function withOutput(what: string, output: string): string {
  if (output === "") return what;
  const room = MESSAGE_MAX_CHARS - what.length - 2;
  return `${what}: ${output.length > room ? `…${output.slice(-(room - 1))}` : output}`;
}

const PASSED_NAMES = /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TMPDIR|TZ)$/;

/**
 * The whole environment of a program: a few harmless variables of the server, the recipe's own, and settings
 * that keep programs from asking questions, drawing colours or locking the repository.
 */
export function programEnv(
  base: NodeJS.ProcessEnv,
  recipe: RecipeEnv,
  repoPath: string,
): Record<string, string> {
  const passed = Object.entries(base).filter(
    ([name]) => PASSED_NAMES.test(name) || recipe.pass.includes(name),
  );
  const env: Record<string, string> = {};
  for (const [name, value] of passed) if (value !== undefined) env[name] = value;
  // Scripts start with `node`, which need not be on the PATH of a server that was started by its full path.
  const folders = (env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);
  const ownFolder = dirname(process.execPath);
  return {
    ...env,
    PATH: folders.includes(ownFolder) ? folders.join(delimiter) : [...folders, ownFolder].join(delimiter),
    TERM: "dumb",
    CI: "1",
    NO_COLOR: "1",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    // Registering a repository is the trust that git asks for when a folder belongs to another user.
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: repoPath,
    GIT_CONFIG_KEY_1: "core.fsmonitor",
    GIT_CONFIG_VALUE_1: "false",
    GIT_CONFIG_KEY_2: "core.quotePath",
    GIT_CONFIG_VALUE_2: "false",
    ...recipe.set,
  };
}
