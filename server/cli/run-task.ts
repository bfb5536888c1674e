import "server-only";
import { readFileSync } from "node:fs";
import { messageOf } from "@/lib/errors";
import type { Decision } from "@/lib/shape/decision";
import type { TaskDetail } from "@/lib/shape/task";
import { withConnection, type Connection } from "./connection";
import { beforeLeaving } from "./leave";
import { ask, CommandFailed, failureOf, printJson } from "./output";
import { readEvents } from "./sse";
import { toSubmission, type TaskOptions } from "./task-options";

export type RunOptions = TaskOptions & { json?: boolean; wait?: boolean; batch?: string };
type Accepted = { task_id: string; decision: Decision };

const BATCH_CONCURRENCY = 16;

/** Submits one task or a batch, waits unless told not to, prints the result and sets the exit code. */
export async function runTask(options: RunOptions): Promise<void> {
  await withConnection(async (connection) => {
    if (connection.server === null && options.wait === false) {
      throw new CommandFailed("--no-wait needs a running server; start one with 'poolwise start'", 2);
    }
    if (options.batch !== undefined) await runBatch(connection, options, options.batch);
    else await runOne(connection, options);
  });
}

async function runOne(connection: Connection, options: RunOptions): Promise<void> {
  const accepted = await ask<Accepted>(connection, "POST", "/api/tasks", toSubmission(options));
  if (options.wait === false) {
    if (options.json) printJson(accepted);
    else process.stdout.write(`${accepted.task_id}\n`);
    return;
  }
  if (!options.json)
    process.stderr.write(
      `${accepted.task_id}: ${accepted.decision.tier} tier, pool ${accepted.decision.pool_name}. ${accepted.decision.reason}\n`,
    );
  const output: string[] = [];
  const task = await waitFor(connection, accepted, (text) => {
    if (options.json) output.push(text);
    else process.stdout.write(text);
  });
  if (options.json) printJson({ ...task, output: output.join("") });
  else process.stderr.write(`${describeEnd(task)}\n`);
  if (task.status !== "succeeded") process.exitCode = 1;
}

/** Follows a task to its end. Without a server it ends with this command, so an early end cancels it. */
async function waitFor(
  connection: Connection,
  accepted: Accepted,
  onText: (text: string) => void,
): Promise<TaskDetail> {
  const path = `/api/tasks/${accepted.task_id}`;
  const cancel = () => ask<TaskDetail>(connection, "DELETE", path);
  const stay = connection.server === null ? beforeLeaving(cancel) : () => undefined;
  try {
    if (connection.server === null) await refusePaused(connection, accepted, cancel);
    await followLogs(connection, accepted.task_id, onText);
    return await ask<TaskDetail>(connection, "GET", path);
  } finally {
    stay();
  }
}

/** This process holds the data directory, so nobody could resume the pool while it waits. */
async function refusePaused(
  connection: Connection,
  { task_id, decision }: Accepted,
  cancel: () => Promise<unknown>,
): Promise<void> {
  const task = await ask<TaskDetail>(connection, "GET", `/api/tasks/${task_id}`);
  if (task.waiting_reason !== "pool paused") return;
  await cancel();
  throw new CommandFailed(
    `pool ${decision.pool_name} is paused and no server runs; task ${task_id} was cancelled. ` +
      `Run 'poolwise pool resume ${decision.pool_name}' first`,
  );
}

/** Passes on the output until the task has ended, or until now when `follow` is false. */
export async function followLogs(
  connection: Connection,
  taskId: string,
  onText: (text: string) => void,
  follow = true,
): Promise<void> {
  const response = await connection.request(`/api/tasks/${taskId}/logs${follow ? "" : "?follow=false"}`);
  if (!response.ok || !response.body) throw await failureOf(response);
  for await (const { event, data } of readEvents(response.body)) {
    if (event === "output") onText(JSON.parse(data) as string);
    if (event === "end") return;
  }
  if (follow) throw new CommandFailed(`the server closed the stream of task ${taskId} before it ended`);
}

export function describeEnd(task: TaskDetail): string {
  const seconds = task.duration_seconds === null ? "" : ` in ${task.duration_seconds.toFixed(2)} s`;
  const cost = task.cost_usd ? `, ${task.cost_usd.toFixed(6)} USD` : "";
  const error = task.error_message ? `: ${task.error_type ?? "error"}: ${task.error_message}` : "";
  return `${task.status}${seconds}${cost}${error}`;
}

type BatchLine = { line: number; task_id?: string; status: string; error?: string };

/** One JSON object per line; the options given on the command line hold for lines that do not say otherwise. */
async function runBatch(connection: Connection, options: RunOptions, file: string): Promise<void> {
  const common = toSubmission(options);
  const lines = readLines(file).map(({ line, value }) => ({ line, value: { ...common, ...value } }));
  const results: BatchLine[] = [];
  const queue = [...lines];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      results.push(await runLine(connection, next.line, next.value, options.wait !== false));
  };
  await Promise.all(Array.from({ length: Math.min(BATCH_CONCURRENCY, lines.length) }, worker));
  results.sort((a, b) => a.line - b.line);
  if (options.json) printJson(results);
  else
    for (const { line, task_id, status, error } of results)
      process.stdout.write(`line ${line}: ${task_id ?? "-"} ${status}${error ? `: ${error}` : ""}\n`);
  if (results.some(({ status }) => status !== "succeeded" && status !== "queued")) process.exitCode = 1;
}

async function runLine(
  connection: Connection,
  line: number,
  value: Record<string, unknown>,
  wait: boolean,
): Promise<BatchLine> {
  try {
    const accepted = await ask<Accepted>(connection, "POST", "/api/tasks", value);
    const { task_id } = accepted;
    if (!wait) return { line, task_id, status: "queued" };
    const { status, error_message } = await waitFor(connection, accepted, () => undefined);
    return { line, task_id, status, ...(error_message !== null && { error: error_message }) };
  } catch (error) {
    return { line, status: "refused", error: messageOf(error) };
  }
}

/** Every line is looked at before the first is sent, so that a typo does not leave half a batch behind. */
function readLines(file: string): { line: number; value: Record<string, unknown> }[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandFailed(`--batch: ${messageOf(error)}`, 2);
  }
  return text.split("\n").flatMap((content, i) => {
    if (content.trim() === "") return [];
    try {
      const value: unknown = JSON.parse(content);
      if (value !== null && typeof value === "object" && !Array.isArray(value))
        return [{ line: i + 1, value: value as Record<string, unknown> }];
    } catch {
      // Said below, with its line.
    }
    throw new CommandFailed(
      `--batch: line ${i + 1} of ${file} is not a JSON object; nothing was submitted`,
      2,
    );
  });
}
