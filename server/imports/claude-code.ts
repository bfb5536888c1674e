import "server-only";
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { readSessionLine, type Answer } from "./claude-code-line";
import { Prompts, type Prompt } from "./claude-code-prompts";
import { jsonLines } from "./json-file";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "./item";
import { callItem, NO_USAGE, type Failure } from "./model-call";
import type { Usage } from "./prices";
import { reject, stableId, toErrorType } from "./values";

const SOURCE = "claude-code";
/** A prompt whose last answer asked for a tool this recently is taken to be still at work. */
const STILL_RUNNING_MS = 15 * 60_000;

/**
 * Sessions of Claude Code (JSON lines below a folder): one execution per prompt, with all requests it took,
 * those of subagents too. Nothing that was said is taken without `withText`.
 * @throws WrongInput
 */
export async function* readClaudeCode(path: string, options: ReadOptions): ImportItems {
  const files = statSync(path).isDirectory() ? sessionFiles(path) : [path];
  if (files.length === 0) throw new WrongInput(`${path} has no *.jsonl files below it`);
  const prompts = new Prompts();
  for (const file of files) yield* readFile(file, path, prompts);
  const answered = prompts.finish();
  for (const prompt of answered) yield itemOf(prompt, options);
  if (prompts.repeatedAnswers > 0)
    yield { note: `${prompts.repeatedAnswers} lines repeat an answer that was counted already` };
  if (prompts.unanswered > 0)
    yield { note: `${prompts.unanswered} prompts have no answer and were passed over` };
}

/** In a fixed order, so that what two files share is always counted for the same one. */
function sessionFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(folder, name));
}

async function* readFile(file: string, root: string, prompts: Prompts): ImportItems {
  prompts.startFile();
  const name = relative(root, file) || basename(file);
  for await (const line of jsonLines(file)) {
    const reference = `${name}:${line.line}`;
    if ("damage" in line) {
      yield reject(reference, line.damage);
      continue;
    }
    const parsed = readSessionLine(line.value);
    if (parsed === null) yield reject(reference, "has no time, message or id");
    else prompts.add(parsed, reference);
  }
}

function itemOf(prompt: Prompt, options: ReadOptions): ImportItem {
  const { lastAnswer, endedAt } = prompt;
  const working = lastAnswer !== null && lastAnswer.stopReason === "tool_use" && !prompt.interrupted;
  if (working && options.now - endedAt < STILL_RUNNING_MS)
    return { note: "a prompt that is still being worked on was left for a later import" };
  const answers = [...prompt.answers.values()];
  const usage = answers.reduce((sum, answer) => addUsage(sum, answer.usage), NO_USAGE);
  const model = mainModel(answers);
  const tools = answers.flatMap((answer) => answer.tools);
  const files = new Set(tools.flatMap(({ file }) => (file === null ? [] : [file])));
  const [first] = prompt.answers.keys();
  const { cost, unpriced } = costOf(answers, options);
  return callItem(
    prompt.reference,
    {
      taskId: stableId(SOURCE, first ?? ""),
      source: SOURCE,
      endedAt,
      durationSeconds: (endedAt - prompt.startedAt) / 1_000,
      type: "agent_prompt",
      description: prompt.text,
      neutralDescription: "claude-code prompt",
      repo: prompt.folder === null ? projectOf(prompt.reference) : nameOfFolder(prompt.folder),
      fileCount: files.size,
      provider: "anthropic",
      model,
      usage,
      cost,
      failure: failureOf(prompt),
      metadata: {
        session_id: prompt.session,
        claude_code_version: prompt.version,
        requests: answers.filter((answer) => answer.model !== null).length,
        tools: countBy(tools.map(({ name }) => name)),
        models: countBy(answers.flatMap((answer) => (answer.model === null ? [] : [answer.model]))),
        ...(unpriced && { price_unknown: true }),
      },
    },
    options,
  );
}

/** Each request has its own model and price; one without a price leaves the sum too small, which is said. */
function costOf(answers: Answer[], { prices }: ReadOptions): { cost: number; unpriced: boolean } {
  let cost = 0;
  let unpriced = false;
  for (const answer of answers) {
    const used = Object.values(answer.usage).some((tokens) => tokens > 0);
    const price = used ? (prices.cost(answer.model, answer.usage) ?? answer.cost) : 0;
    cost += price ?? 0;
    unpriced ||= price === null;
  }
  return { cost, unpriced };
}

function failureOf({ interrupted, lastAnswer }: Prompt): Failure | null {
  if (interrupted) return { type: "cancelled", message: null };
  if (lastAnswer?.apiError == null) return null;
  const type = toErrorType(lastAnswer.apiError);
  return { type: type === "unknown" ? "provider" : type, message: lastAnswer.apiError };
}

/** The model that wrote most of the prompt's output. */
function mainModel(answers: Answer[]): string | null {
  const output = new Map<string, number>();
  for (const { model, usage } of answers) {
    if (model !== null) output.set(model, (output.get(model) ?? 0) + usage.output);
  }
  return [...output].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
  };
}

function countBy(names: string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** The last part of a folder's path, of either system. */
function nameOfFolder(folder: string): string | null {
  return folder.split(/[\\/]/).filter(Boolean).at(-1) ?? null;
}

/** Claude Code names a project's folder after its path. */
function projectOf(reference: string): string | null {
  const folder = dirname(reference).split(sep)[0];
  return folder === undefined || folder === "." ? null : folder;
}
