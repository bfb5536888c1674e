import "server-only";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { ImportBatchResult, ImportSums } from "@/lib/shape/import";
import { readCcusage } from "../imports/ccusage";
import { readClaudeCode } from "../imports/claude-code";
import { COLUMNS, type Column } from "../imports/columns";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "../imports/item";
import { readLitellm } from "../imports/litellm";
import { readMahavishnu } from "../imports/mahavishnu";
import { readMapped } from "../imports/mapped";
import { readOtlp } from "../imports/otlp";
import { readPoolwise } from "../imports/poolwise";
import { loadPrices } from "../imports/prices";
import { noSums, runImport, type ImportReport, type SendBatch } from "../imports/run";
import { loadSettings } from "../settings/load";
import { resolveFrom, resolvePaths, type Paths } from "../settings/paths";
import { databaseExists, findServer, withConnection } from "./connection";
import { ask, CommandFailed, printJson, printTable, type OutputOptions } from "./output";

type ImportOptions = OutputOptions & {
  dryRun?: boolean;
  withText?: boolean;
  repo?: string;
  map?: [Column, string][];
  source?: string;
};
type Read = (path: string, options: ReadOptions, paths: Paths, given: ImportOptions) => ImportItems;

const USAGE = 2;

/** `poolwise import <source> <path>`: exits 0 when all is in, 1 when something was rejected, 2 on wrong usage. */
export function addImportCommands(program: Command): void {
  const command = program
    .command("import")
    .description("take in executions from elsewhere; a second run adds nothing");
  add(command, "mahavishnu <file>", "a learning.db of the reference", (file, options, paths) =>
    readMahavishnu(file, ownDatabase(paths), options),
  );
  add(
    command,
    "poolwise <folder>",
    "a folder of executions as Parquet: a snapshot or an export",
    (folder, options) => readPoolwise(folder, options),
  );
  add(
    command,
    "claude-code [folder]",
    "sessions of Claude Code, by default those of this user",
    (folder, options) => readClaudeCode(folder, options),
  );
  add(command, "ccusage <file>", "what 'ccusage daily|session|… --json' printed", readCcusage);
  add(command, "litellm <file>", "spend logs of LiteLLM, JSON or CSV", readLitellm);
  add(command, "otlp <file>", "traces as OTLP JSON: GenAI, OpenInference or OpenLLMetry", readOtlp);
  for (const format of ["parquet", "csv"] as const) {
    const kind = format === "csv" ? "CSV" : "Parquet";
    add(
      command,
      `${format} <file>`,
      `any ${kind} file`,
      (file, options, _paths, { source = format, map = [] }) =>
        readMapped(file, { format, source, map }, options),
    )
      .option("--map <column=source...>", "our column and the file's column it is read from", pair)
      .option("--source <name>", `what the rows are marked with, instead of ${format}`, sourceName);
  }
}

function add(parent: Command, usage: string, description: string, read: Read): Command {
  const source = usage.split(" ")[0] ?? "";
  return parent
    .command(usage)
    .description(description)
    .option("--dry-run", "show what would come in, change nothing")
    .option("--with-text", "take prompts and other texts too")
    .option("--repo <name>", "repository of rows that name none")
    .option("--json")
    .action((path: string | undefined, options: ImportOptions) =>
      importFrom(options.source ?? source, path ?? sessions(), read, options),
    );
}

async function importFrom(source: string, path: string, read: Read, given: ImportOptions): Promise<void> {
  if (!existsSync(path)) throw new CommandFailed(`${path} does not exist`, USAGE);
  const paths = resolvePaths();
  const options: ReadOptions = {
    withText: given.withText ?? false,
    repo: given.repo ?? null,
    prices: loadPrices(paths),
    now: Date.now(),
  };
  const dryRun = given.dryRun ?? false;
  try {
    const items = await started(read(path, options, paths, given));
    const report = await withSender(paths, dryRun, (send) => runImport(items, { source, dryRun, send }));
    print(report, given);
  } catch (error) {
    if (error instanceof WrongInput) throw new CommandFailed(error.message, USAGE);
    throw error;
  }
}

/** Reads the first item now, so that a source that cannot be read is said before anything is opened or created. */
async function started(items: ImportItems): Promise<ImportItems> {
  const iterator = items[Symbol.asyncIterator]();
  let first: IteratorResult<ImportItem> | null = await iterator.next();
  const next = (): Promise<IteratorResult<ImportItem>> => {
    const item = first;
    first = null;
    return item ? Promise.resolve(item) : iterator.next();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next,
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

/** A dry run on an empty data directory must not create a database: there all rows are new. */
function withSender<T>(paths: Paths, dryRun: boolean, go: (send: SendBatch) => Promise<T>): Promise<T> {
  if (dryRun && findServer(paths) === null && !databaseExists(paths)) {
    return go(({ rows = [], rejects = [] }) =>
      Promise.resolve({
        inserted: rows.length,
        already_there: 0,
        rejected: rejects.length,
        in_database: noSums(),
      }),
    );
  }
  return withConnection(
    (connection) => go((batch) => ask<ImportBatchResult>(connection, "POST", "/api/imports/rows", batch)),
    paths,
  );
}

function ownDatabase(paths: Paths): string {
  return resolveFrom(paths.dataDir, loadSettings(paths).settings.learning.database_path);
}

/** Where Claude Code keeps its sessions. */
function sessions(): string {
  return join(process.env.CLAUDE_CONFIG_DIR || join(homedir(), ".claude"), "projects");
}

function pair(text: string, before: [Column, string][] = []): [Column, string][] {
  const at = text.indexOf("=");
  const source = text.slice(at + 1);
  if (at <= 0 || source === "") throw new InvalidArgumentError(`expected column=source, found ${text}.`);
  const name = text.slice(0, at).trim();
  const column = COLUMNS.find((known) => known === name);
  if (!column) throw new InvalidArgumentError(`${name} is no column here; columns: ${COLUMNS.join(", ")}.`);
  return [...before, [column, source]];
}

function sourceName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(text) || text === "poolwise")
    throw new InvalidArgumentError("expected letters, digits, '_', '.', '-', at most 63, and not poolwise.");
  return text;
}

function print(report: ImportReport, { json }: OutputOptions): void {
  if (report.rejected > 0) process.exitCode = 1;
  if (json) {
    printJson(report);
    return;
  }
  const { read, inserted, already_there, repeated, rejected } = report;
  process.stdout.write(
    `${report.source}: ${read} read, ${inserted} ${report.dry_run ? "would be inserted" : "inserted"}, ` +
      `${already_there} already there, ${repeated} repeated in the source, ${rejected} rejected\n`,
  );
  printTable(
    ["", "rows", "cost USD", "input tokens", "output tokens", "cache tokens", "duration s"],
    [sumsLine("read", report.sums.read), sumsLine("in the database", report.sums.in_database)],
  );
  for (const { note, count } of report.notes)
    process.stdout.write(`note: ${note}${count > 1 ? ` (${count} times)` : ""}\n`);
  for (const { reference, reason } of report.first_rejects)
    process.stdout.write(`rejected: ${reference}: ${reason}\n`);
  const more = rejected - report.first_rejects.length;
  if (more > 0) process.stdout.write(`and ${more} more\n`);
  if (rejected > 0 && !report.dry_run)
    process.stdout.write(`All of them are in the table import_rejects, import_id ${report.import_id}.\n`);
}

function sumsLine(what: string, sums: ImportSums): (string | number)[] {
  const { rows, cost_usd, input_tokens, output_tokens, cache_tokens, duration_seconds } = sums;
  return [
    what,
    rows,
    Number(cost_usd.toFixed(6)),
    input_tokens,
    output_tokens,
    cache_tokens,
    Number(duration_seconds.toFixed(3)),
  ];
}
