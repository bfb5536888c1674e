import "server-only";
import type { Command } from "commander";
import { messageOf } from "@/lib/errors";
import type { DatabaseStatus, HealthLevel } from "@/lib/shape/health";
import { SettingsError } from "../settings/load";
import { resolvePaths } from "../settings/paths";
import { databaseExists, findServer, withConnection } from "./connection";
import { ask, type OutputOptions } from "./output";
import { positive } from "./task-options";

/** Nagios convention: what cannot be looked at is critical, what cannot be judged is unknown. */
const EXIT_CODES: Record<HealthLevel | "UNKNOWN", number> = {
  OK: 0,
  WARNING: 1,
  ERROR: 2,
  CRITICAL: 2,
  UNKNOWN: 3,
};

type MonitorOptions = OutputOptions & { watch?: boolean; interval: number };
type Unseen = { status: "CRITICAL" | "UNKNOWN"; errors: string[] };

export function addMonitorCommand(program: Command): void {
  program
    .command("monitor")
    .description("health; exits 0 OK, 1 WARNING, 2 CRITICAL or ERROR, 3 UNKNOWN")
    .option("--watch", "again and again")
    .option("--interval <seconds>", "between looks", positive, 5)
    .option("--json")
    .action(monitor);
}

async function monitor({ watch, interval, json }: MonitorOptions): Promise<void> {
  do {
    const seen = await look();
    process.exitCode = EXIT_CODES[seen.status];
    if (json) process.stdout.write(`${JSON.stringify(seen, null, watch ? 0 : 2)}\n`);
    else process.stdout.write(describe(seen));
    if (watch) await new Promise((resolve) => setTimeout(resolve, interval * 1_000));
  } while (watch);
}

async function look(): Promise<DatabaseStatus | Unseen> {
  try {
    const paths = resolvePaths();
    if (findServer(paths) === null && !databaseExists(paths))
      return { status: "UNKNOWN", errors: ["there is no database yet; start the server once"] };
    return await withConnection((connection) => ask<DatabaseStatus>(connection, "GET", "/api/health"), paths);
  } catch (error) {
    if (error instanceof SettingsError) return { status: "UNKNOWN", errors: error.problems };
    return { status: "CRITICAL", errors: [messageOf(error)] };
  }
}

function describe(seen: DatabaseStatus | Unseen): string {
  if (!("database" in seen)) return `${seen.status}: ${seen.errors.join("; ")}\n`;
  const { executions, performance, database } = seen;
  const rate =
    performance.daily_success_rate === null
      ? "no rate"
      : `${(performance.daily_success_rate * 100).toFixed(1)} % succeeded`;
  const first =
    `${seen.status}: ${executions.total} executions, ${executions.recent_1h} in the last hour, ${executions.daily} in the last day (${rate}); ` +
    `database ${database.size_mb} MB, schema ${database.schema_version}\n`;
  return [first, ...[...seen.errors, ...seen.warnings].map((message) => `  ${message}\n`)].join("");
}
