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
  metadata?: Record<string, string>;
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
    .option("--estimated-tokens <n>", "tokens the prompt has, where known", wholeNumber)
    .option("--timeout <seconds>", "time limit of one attempt", positive)
    .option("--retries <n>", "further attempts after a failure", wholeNumber)
    .option("--priority <n>", "-100 to 100; higher runs first", integer)
    .option("--idempotency-key <key>", "submitting again with the same key returns the same task")
    .option("--check <recipe>", "recipe that must pass afterwards")
    .option("--metadata <k=v...>", "values to keep with the task", pair);
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
    metadata: options.metadata,
  };
  return Object.fromEntries(Object.entries(submission).filter(([, value]) => value !== undefined));
}

/** A count as people write it: 1e2, 0x10 and +5 are typos, not numbers. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a whole number.");
  return Number(text);
}

function integer(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a whole number.");
  return Number(text);
}

/** Seconds and the like: more than 0, with decimals if wanted. */
export function positive(text: string): number {
  if (!/^\d{1,15}(?:\.\d{1,15})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError("expected a number above 0.");
  return Number(text);
}

/** Stays text, for the environment variable it goes into. */
export function portNumber(text: string): string {
  if (wholeNumber(text) > 65_535) throw new InvalidArgumentError("expected at most 65535.");
  return text;
}

function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError(`expected k=v, found ${text}.`);
  return Object.fromEntries([...Object.entries(before), [text.slice(0, at), text.slice(at + 1)]]);
}
