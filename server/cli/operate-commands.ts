import "server-only";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Option, type Command } from "commander";
import { messageOf } from "@/lib/errors";
import type { DatabaseStatus, HealthLevel } from "@/lib/shape/health";
import type { Manifest } from "@/lib/shape/manifest";
import { REPORT_FORMATS, REPORTS } from "@/lib/shape/report";
import { resolvePaths } from "../settings/paths";
import { databaseExists, findServer, withConnection } from "./connection";
import { diagnose } from "./doctor";
import { ask, CommandFailed, failureOf, printJson, printTable, type OutputOptions } from "./output";
import { number } from "./task-options";

/** Nagios convention; 3 is unknown. */
const EXIT_CODES: Record<HealthLevel, number> = { OK: 0, WARNING: 1, ERROR: 2, CRITICAL: 2 };
const UNKNOWN = 3;

type MonitorOptions = OutputOptions & { watch?: boolean; interval: number };
type ReportOptions = OutputOptions & {
  from?: string;
  to?: string;
  repo?: string;
  format?: string;
  output: string;
};

export function addOperateCommands(program: Command): void {
  program
    .command("monitor")
    .description("health; exits 0 OK, 1 WARNING, 2 CRITICAL or ERROR, 3 UNKNOWN")
    .option("--watch", "again and again")
    .option("--interval <seconds>", "between looks", number, 5)
    .option("--json")
    .action(monitor);
  program.command("doctor").description("what is wrong here, and what to do").option("--json").action(doctor);
  program
    .command("snapshot")
    .description("publish a Parquet snapshot now")
    .option("--full", "write every day again")
    .option("--json")
    .action(snapshot);
  program
    .command("report <name>")
    .description(`download a report: ${REPORTS.join(", ")}`)
    .option("--from <date>", "first day or time, UTC")
    .option("--to <date>", "last day, or time it ends before, UTC")
    .option("--repo <name>")
    .addOption(
      new Option("--format <format>", "taken from the file's name where it says it").choices(REPORT_FORMATS),
    )
    .requiredOption("-o, --output <file>")
    .option("--json")
    .action(report);
}

async function monitor(options: MonitorOptions): Promise<void> {
  do {
    const status = await look();
    if (status === null) {
      process.exitCode = UNKNOWN;
      if (options.json)
        printJson({ status: "UNKNOWN", errors: ["there is no database yet; start the server once"] });
      else process.stdout.write("UNKNOWN: there is no database yet; start the server once\n");
    } else {
      process.exitCode = EXIT_CODES[status.status];
      if (options.json) process.stdout.write(`${JSON.stringify(status, null, options.watch ? 0 : 2)}\n`);
      else printStatus(status);
    }
    if (options.watch) await new Promise((resolve) => setTimeout(resolve, options.interval * 1_000));
  } while (options.watch);
}

async function look(): Promise<DatabaseStatus | null> {
  const paths = resolvePaths();
  if (findServer(paths) === null && !databaseExists(paths)) return null;
  return withConnection(async (connection) => {
    return ask<DatabaseStatus>(connection, "GET", "/api/health");
  }, paths);
}

function printStatus(status: DatabaseStatus): void {
  const { executions, performance, database } = status;
  const rate =
    performance.daily_success_rate === null
      ? "no rate"
      : `${(performance.daily_success_rate * 100).toFixed(1)} % succeeded`;
  process.stdout.write(
    `${status.status}: ${executions.total} executions, ${executions.recent_1h} in the last hour, ${executions.daily} in the last day (${rate}); ` +
      `database ${database.size_mb} MB, schema ${database.schema_version}\n`,
  );
  for (const message of [...status.errors, ...status.warnings]) process.stdout.write(`  ${message}\n`);
}

async function doctor({ json }: OutputOptions): Promise<void> {
  const findings = await diagnose();
  if (json) printJson(findings);
  else
    printTable(
      ["", "what", "finding"],
      findings.map(({ ok, what, finding, remedy }) => [
        ok ? "ok" : "PROBLEM",
        what,
        remedy ? `${finding}. ${remedy}` : finding,
      ]),
    );
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function snapshot(options: OutputOptions & { full?: boolean }): Promise<void> {
  await withConnection(async (connection) => {
    const manifest = await ask<Manifest>(connection, "POST", `/api/snapshots${options.full ? "?full" : ""}`);
    if (options.json) {
      printJson(manifest);
      return;
    }
    process.stdout.write(`generation ${manifest.generation}\n`);
    printTable(
      ["table", "rows", "parts"],
      Object.entries(manifest.tables).map(([name, table]) => [name, table.rows, table.parts.length]),
    );
  });
}

async function report(name: string, options: ReportOptions): Promise<void> {
  const ending = options.output.split(".").at(-1) ?? "";
  const format =
    options.format ?? ((REPORT_FORMATS as readonly string[]).includes(ending) ? ending : "parquet");
  const { from, to, repo } = options;
  const query = new URLSearchParams({ ...(from && { from }), ...(to && { to }), ...(repo && { repo }) });
  await withConnection(async (connection) => {
    const response = await connection.request(`/api/reports/${encodeURIComponent(name)}.${format}?${query}`);
    if (!response.ok || !response.body) throw await failureOf(response);
    const bytes = await save(response.body, options.output);
    if (options.json) printJson({ report: name, format, file: options.output, bytes });
    else process.stdout.write(`${options.output}: ${bytes} bytes\n`);
  });
}

/** A download that is cut off leaves no half a file under the name that was asked for. */
async function save(body: ReadableStream<Uint8Array>, file: string): Promise<number> {
  const temporary = `${file}.part`;
  let bytes = 0;
  const counted = Readable.from(
    (async function* () {
      for await (const chunk of body) {
        bytes += chunk.length;
        yield chunk;
      }
    })(),
  );
  try {
    await pipeline(counted, createWriteStream(temporary));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CommandFailed(`${file} could not be written: ${messageOf(error)}`);
  }
  return bytes;
}
