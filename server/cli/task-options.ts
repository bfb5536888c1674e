import "server-only";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { TaskSubmissionInput } from "@/lib/shape/task";

export type TaskOptions = {
  prompt?: string;
  type?: string;
  repo?: string;
  file?: string[];
  recipe?: string;
  tier?: "small" | "medium" | "large";
  estimatedTokens?: number;
  timeout?: number;
  retries?: number;
  priority?: number;
  idempotencyKey?: string;
  check?: string;
  metadata?: string[];
  strategy?: TaskSubmissionInput["strategy"];
  affinity?: string;
  pool?: string;
};

/** The task options that several commands share. */
export function withTaskOptions(command: Command): Command {
  return command
    .option("--prompt <text>", "what should be done")
    .option("--type <type>", "task type, e.g. linting, debugging")
    .option("--repo <name>", "registered repository")
    .option("--file <path...>", "files inside the repository")
    .option("--recipe <name>", "recipe to run")
    .addOption(
      new Option("--tier <tier>", "model tier, instead of the router's choice").choices([
        "small",
        "medium",
        "large",
      ]),
    )
    .option("--estimated-tokens <n>", "tokens the prompt has, where known", number)
    .option("--timeout <seconds>", "time limit of one attempt", number)
    .option("--retries <n>", "further attempts after a failure", number)
    .option("--priority <n>", "higher runs first", number)
    .option("--idempotency-key <key>", "submitting again with the same key returns the same task")
    .option("--check <recipe>", "recipe that must pass afterwards")
    .option("--metadata <k=v...>", "values to keep with the task");
}

/** What the API takes, from what was typed. Rules are the server's; only the form is looked at here. */
export function toSubmission(options: TaskOptions): Record<string, unknown> {
  const submission = {
    prompt: options.prompt,
    type: options.type,
    repo: options.repo,
    files: options.file,
    recipe: options.recipe,
    tier: options.tier,
    pool: options.pool,
    strategy: options.strategy,
    affinity: options.affinity,
    estimated_tokens: options.estimatedTokens,
    timeout_seconds: options.timeout,
    retries: options.retries,
    priority: options.priority,
    idempotency_key: options.idempotencyKey,
    check: options.check,
    metadata: options.metadata && Object.fromEntries(options.metadata.map(pair)),
  };
  return Object.fromEntries(Object.entries(submission).filter(([, value]) => value !== undefined));
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("expected a number.");
  return value;
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError(`--metadata: expected k=v, found ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
