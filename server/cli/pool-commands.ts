import "server-only";
import { Option, type Command } from "commander";
import type { PoolView } from "@/lib/shape/pool";
import { SELECTORS } from "@/lib/shape/selector";
import { withConnection } from "./connection";
import { ask, printJson, printTable, type OutputOptions } from "./output";
import { runTask, type RunOptions } from "./run-task";
import { wholeNumber, withTaskOptions } from "./task-options";

type SpawnOptions = OutputOptions & {
  type?: string;
  minWorkers?: number;
  maxWorkers?: number;
  workerType?: string;
};

export function addPoolCommands(program: Command): void {
  const pool = program.command("pool").description("pools of workers, and running work on them");
  pool.command("list").description("all pools").option("--json").action(listPools);
  pool.command("health").description("whether each pool takes work").option("--json").action(poolHealth);
  pool
    .command("spawn <name>")
    .description("start a pool")
    .option("--type <type>", "pool type", "local")
    .option("--min-workers <n>", "workers kept", wholeNumber)
    .option("--max-workers <n>", "workers at most", wholeNumber)
    .option("--worker-type <type>", "auto, command or model")
    .option("--json")
    .action((name: string, options: SpawnOptions) =>
      change(options, "POST", "/api/pools", {
        name,
        type: options.type,
        min_workers: options.minWorkers,
        max_workers: options.maxWorkers,
        worker_type: options.workerType,
      }),
    );
  pool
    .command("scale <pool>")
    .description("set the number of workers")
    .argument("<workers>", "how many", wholeNumber)
    .option("--json")
    .action((name: string, workers: number, options: OutputOptions) =>
      change(options, "PATCH", path(name), { workers }),
    );
  pool
    .command("pause <pool>")
    .description("start nothing more on it; what runs goes on")
    .option("--json")
    .action((name: string, options: OutputOptions) =>
      change(options, "PATCH", path(name), { status: "paused" }),
    );
  pool
    .command("resume <pool>")
    .description("go on after a pause")
    .option("--json")
    .action((name: string, options: OutputOptions) =>
      change(options, "PATCH", path(name), { status: "active" }),
    );
  pool
    .command("close <pool>")
    .description("let what runs finish, hand what waits to other pools, and end it")
    .option("--json")
    .action((name: string, options: OutputOptions) => change(options, "DELETE", path(name)));
  addRunCommands(pool);
}

function addRunCommands(pool: Command): void {
  withTaskOptions(
    pool.command("execute <pool>").description("run a task on that pool, wait, print the result"),
  )
    .option("--no-wait", "print the task's id and leave")
    .option("--batch <file>", "one task per line, as JSON")
    .option("--json")
    .action((name: string, options: RunOptions) => runTask({ ...options, pool: name }));
  withTaskOptions(pool.command("route").description("let the router choose the pool, wait, print the result"))
    .addOption(new Option("--strategy <selector>", "how the pool is chosen").choices(SELECTORS))
    .option("--affinity <key>", "keep to one pool for this key; a pool's name means that pool")
    .option("--no-wait", "print the task's id and leave")
    .option("--batch <file>", "one task per line, as JSON")
    .option("--json")
    .action((options: RunOptions) => runTask(options));
}

function path(name: string): string {
  return `/api/pools/${encodeURIComponent(name)}`;
}

async function listPools(options: OutputOptions): Promise<void> {
  await withConnection(async (connection) => {
    const pools = await ask<PoolView[]>(connection, "GET", "/api/pools");
    if (options.json) printJson(pools);
    else printPools(pools);
  });
}

async function poolHealth(options: OutputOptions): Promise<void> {
  await withConnection(async (connection) => {
    const pools = await ask<PoolView[]>(connection, "GET", "/api/pools");
    const health = pools.map(({ pool_id, name, status, workers, busy, queued, completed, failed }) => ({
      pool_id,
      name,
      healthy: status === "active",
      status,
      workers,
      busy,
      queued,
      success_rate: completed + failed === 0 ? null : completed / (completed + failed),
    }));
    if (options.json) printJson(health);
    else
      printTable(
        ["pool", "healthy", "status", "busy", "queued"],
        health.map((row) => [row.name, row.healthy ? "yes" : "no", row.status, row.busy, row.queued]),
      );
    if (health.some((row) => !row.healthy)) process.exitCode = 1;
  });
}

async function change(options: OutputOptions, method: string, path: string, body?: unknown): Promise<void> {
  await withConnection(async (connection) => {
    const pool = await ask<PoolView>(connection, method, path, body);
    if (options.json) printJson(pool);
    else printPools([pool]);
  });
}

function printPools(pools: PoolView[]): void {
  printTable(
    ["pool", "type", "status", "workers", "busy", "queued", "succeeded", "failed", "id"],
    pools.map((pool) => [
      pool.name,
      pool.type,
      pool.status,
      `${pool.workers}/${pool.max_workers}`,
      pool.busy,
      pool.queued,
      pool.completed,
      pool.failed,
      pool.pool_id,
    ]),
  );
}
