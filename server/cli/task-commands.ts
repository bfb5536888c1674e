import "server-only";
import { Option, type Command } from "commander";
import type { Decision } from "@/lib/shape/decision";
import {
  ISSUE_TYPES,
  SATISFACTION,
  TASK_STATUSES,
  VISIBILITIES,
  type TaskDetail,
  type TaskFeedback,
  type TaskPage,
} from "@/lib/shape/task";
import { SELECTORS } from "@/lib/shape/selector";
import { withConnection, type Connection } from "./connection";
import { ask, printJson, printTable, type OutputOptions } from "./output";
import { describeEnd, followLogs } from "./run-task";
import { toSubmission, wholeNumber, withTaskOptions, type TaskOptions } from "./task-options";

type ListOptions = OutputOptions & {
  status?: string;
  pool?: string;
  repo?: string;
  q?: string;
  limit: number;
};
type ReplayOptions = OutputOptions & { prompt?: string };
type FeedbackOptions = OutputOptions & {
  taskId: string;
  satisfaction: string;
  issueType?: string;
  comment?: string;
  visibility?: string;
};

export function addTaskCommands(program: Command): void {
  const task = program.command("task").description("tasks and what became of them");
  task
    .command("list")
    .description("newest first")
    .addOption(new Option("--status <status>").choices(TASK_STATUSES))
    .option("--pool <pool>")
    .option("--repo <repo>")
    .option("--q <text>", "text in prompt, recipe, type or error")
    .option("--limit <n>", "how many", wholeNumber, 20)
    .option("--json")
    .action((options: ListOptions) => withConnection((connection) => listTasks(connection, options)));
  task
    .command("show <id>")
    .description("one task")
    .option("--json")
    .action((id: string, options: OutputOptions) =>
      withConnection((connection) => showTask(connection, id, options)),
    );
  task
    .command("logs <id>")
    .description("what it printed")
    .option("--follow", "go on until it has ended")
    .option("--json")
    .action((id: string, options: OutputOptions & { follow?: boolean }) =>
      withConnection((connection) => printLogs(connection, id, options)),
    );
  task
    .command("cancel <id>")
    .description("stop it")
    .option("--json")
    .action((id: string, options: OutputOptions) =>
      withConnection((connection) => cancelTask(connection, id, options)),
    );
  task
    .command("replay <id>")
    .description("submit it again")
    .option("--prompt <text>", "another prompt")
    .option("--json")
    .action((id: string, options: ReplayOptions) =>
      withConnection((connection) => replayTask(connection, id, options)),
    );
  addExplain(program);
  addFeedback(program);
}

function addExplain(program: Command): void {
  const route = program.command("route").description("the router");
  withTaskOptions(route.command("explain").description("where a task would go, and why; nothing is run"))
    .addOption(new Option("--strategy <selector>").choices(SELECTORS))
    .option("--affinity <key>")
    .option("--pool <pool>")
    .option("--json")
    .action((options: TaskOptions & OutputOptions) =>
      withConnection(async (connection) => {
        const decision = await ask<Decision>(connection, "POST", "/api/route/explain", toSubmission(options));
        if (options.json) {
          printJson(decision);
          return;
        }
        process.stdout.write(
          `${decision.tier} tier on pool ${decision.pool_name}\n${decision.reason}\nExpected savings against large: ${decision.expected_savings} %\n`,
        );
      }),
    );
}

function addFeedback(program: Command): void {
  const feedback = program.command("feedback").description("ratings of results");
  feedback
    .command("submit")
    .description("rate a task that has ended")
    .requiredOption("--task-id <id>")
    .addOption(new Option("--satisfaction <word>").choices(SATISFACTION).makeOptionMandatory())
    .addOption(new Option("--issue-type <type>", "needed with fair and poor").choices(ISSUE_TYPES))
    .option("--comment <text>")
    .addOption(new Option("--visibility <who>").choices(VISIBILITIES))
    .option("--json")
    .action((options: FeedbackOptions) =>
      withConnection(async (connection) => {
        const { satisfaction, issueType, comment, visibility } = options;
        const body = {
          satisfaction,
          ...(issueType && { issue_type: issueType }),
          ...(comment && { comment }),
          ...(visibility && { visibility }),
        };
        const stored = await ask<TaskFeedback>(
          connection,
          "POST",
          `/api/tasks/${encodeURIComponent(options.taskId)}/feedback`,
          body,
        );
        if (options.json) printJson(stored);
        else process.stdout.write(`rated ${stored.satisfaction}; stored here only\n`);
      }),
    );
}

async function listTasks(
  connection: Connection,
  { json, limit, status, pool, repo, q }: ListOptions,
): Promise<void> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(status && { status }),
    ...(pool && { pool }),
    ...(repo && { repo }),
    ...(q && { q }),
  });
  const page = await ask<TaskPage>(connection, "GET", `/api/tasks?${query}`);
  if (json) {
    printJson(page);
    return;
  }
  printTable(
    ["id", "status", "type", "what", "repo", "tier", "pool", "seconds"],
    page.tasks.map((task) => [
      task.task_id,
      task.waiting_reason ? `${task.status} (${task.waiting_reason})` : task.status,
      task.type,
      task.recipe ?? task.prompt.slice(0, 40).replaceAll("\n", " "),
      task.repo,
      task.tier,
      task.pool_name,
      task.duration_seconds === null ? null : Number(task.duration_seconds.toFixed(2)),
    ]),
  );
}

async function showTask(connection: Connection, id: string, { json }: OutputOptions): Promise<void> {
  const task = await ask<TaskDetail>(connection, "GET", `/api/tasks/${encodeURIComponent(id)}`);
  if (json) {
    printJson(task);
    return;
  }
  process.stdout.write(
    `${task.task_id}  ${task.type}  ${task.recipe ?? "prompt"}  ${task.repo}\n${task.decision.reason}\n${describeEnd(task)}\n`,
  );
  printTable(
    ["attempt", "success", "seconds", "exit", "error"],
    task.attempts.map((attempt) => [
      attempt.attempt,
      attempt.success ? "yes" : "no",
      Number(attempt.duration_seconds.toFixed(2)),
      attempt.exit_code,
      attempt.error_type,
    ]),
  );
}

async function cancelTask(connection: Connection, id: string, { json }: OutputOptions): Promise<void> {
  const task = await ask<TaskDetail>(connection, "DELETE", `/api/tasks/${encodeURIComponent(id)}`);
  if (json) printJson(task);
  else process.stdout.write(`${task.task_id}: ${task.status === "running" ? "stopping" : task.status}\n`);
}

async function replayTask(
  connection: Connection,
  id: string,
  { json, prompt }: ReplayOptions,
): Promise<void> {
  const changes = prompt === undefined ? {} : { prompt };
  const path = `/api/tasks/${encodeURIComponent(id)}/replay`;
  const accepted = await ask<{ task_id: string; decision: Decision }>(connection, "POST", path, changes);
  if (json) printJson(accepted);
  else process.stdout.write(`${accepted.task_id}\n`);
}

async function printLogs(
  connection: Connection,
  id: string,
  { follow, json }: OutputOptions & { follow?: boolean },
): Promise<void> {
  const path = encodeURIComponent(id);
  const task = await ask<TaskDetail>(connection, "GET", `/api/tasks/${path}`);
  const output: string[] = [];
  const take = (text: string) => {
    if (json) output.push(text);
    else process.stdout.write(text);
  };
  // Without a server nothing runs that could print more.
  await followLogs(connection, path, take, (follow ?? false) && connection.server !== null);
  if (json) printJson({ task_id: task.task_id, output: output.join("") });
}
