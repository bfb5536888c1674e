import "server-only";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { messageOf } from "@/lib/errors";
import type { Archive, PreparedBackup, RetentionReport } from "@/lib/shape/keeping";
import { backupFiles } from "../keeping/backup-folder";
import { MANIFEST } from "../keeping/backup";
import { compactDatabase } from "../keeping/compact";
import { restoreBackup } from "../keeping/restore";
import { loadSettings } from "../settings/load";
import { resolveFrom, resolvePaths, type Paths } from "../settings/paths";
import { poolwiseVersion } from "../keeping/version";
import { databaseExists, findServer, withConnection, type Connection } from "./connection";
import { ask, CommandFailed, failureOf, printJson, printTable, type OutputOptions } from "./output";

type RetentionOptions = OutputOptions & { dryRun?: boolean; compact?: boolean };
type BackupOptions = OutputOptions & { withLogs?: boolean };

export function addKeepCommands(program: Command): void {
  program
    .command("retention")
    .description("move rows past learning.retention_days to Parquet in archive/")
    .option("--dry-run", "say what would be moved")
    .option(
      "--compact",
      "write the database file anew afterwards, to give disk space back; not while a server runs",
    )
    .option("--json")
    .action(retention);
  program.command("archives").description("files that retention wrote").option("--json").action(archives);
  program
    .command("backup <dir>")
    .alias("export")
    .description("the whole database as a folder of Parquet files; a server may be running")
    .option("--with-logs", "the output of tasks too")
    .option("--json")
    .action(backup);
  program
    .command("restore <dir>")
    .description("create the database from a backup, in a data directory that has none")
    .option("--json")
    .action(restore);
}

async function retention({ dryRun, compact, json }: RetentionOptions): Promise<void> {
  const paths = resolvePaths();
  refuseWithoutDatabase(paths);
  if (compact && findServer(paths) !== null)
    throw new CommandFailed("--compact needs the server to be stopped first; nothing was done", 2);
  const report = await withConnection(
    (connection) => ask<RetentionReport>(connection, "POST", `/api/retention${dryRun ? "?dry_run" : ""}`),
    paths,
  );
  const compacted = compact && !dryRun ? await compactHere(paths) : null;
  if (json) {
    printJson({ ...report, compacted });
    return;
  }
  printTable(
    ["table", "month", "rows", "file"],
    report.months.map(({ table, month, rows, file }) => [table, month, rows, file]),
  );
  process.stdout.write(
    `${report.rows} rows before ${report.cutoff} ${dryRun ? "would be archived" : "archived"}; ` +
      `database ${megabytes(compacted?.bytes_after ?? report.database.bytes_after)}\n`,
  );
}

async function compactHere(paths: Paths): Promise<{ bytes_before: number; bytes_after: number }> {
  return compactDatabase({
    file: databaseFile(paths),
    archive: paths.archive,
    stagingFolder: join(paths.dataDir, "reports"),
    poolwiseVersion: poolwiseVersion(paths.root),
  });
}

async function archives({ json }: OutputOptions): Promise<void> {
  const paths = resolvePaths();
  refuseWithoutDatabase(paths);
  const list = await withConnection(
    (connection) => ask<Archive[]>(connection, "GET", "/api/archives"),
    paths,
  );
  if (json) printJson(list);
  else
    printTable(
      ["table", "month", "rows", "file"],
      list.map(({ table, month, rows, file }) => [table, month, rows, file]),
    );
}

async function backup(dir: string, { withLogs, json }: BackupOptions): Promise<void> {
  const paths = resolvePaths();
  const folder = resolve(dir);
  const part = `${folder}.part`;
  refuseWithoutDatabase(paths);
  refuseUsedFolder(folder, part);
  const { manifest } = await withConnection(async (connection) => {
    const query = withLogs ? "?with_logs" : "";
    const prepared = await ask<PreparedBackup>(connection, "POST", `/api/backups${query}`);
    try {
      await fetchBackup(connection, prepared, part);
      await moveToName(part, folder);
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error instanceof CommandFailed
        ? error
        : new CommandFailed(`${folder} could not be written: ${messageOf(error)}`);
    } finally {
      const done = existsSync(folder) ? "?done" : "";
      await connection
        .request(`/api/backups/${prepared.id}${done}`, { method: "DELETE" })
        .catch(() => undefined);
    }
    return prepared;
  }, paths);
  if (manifest.missing.length > 0)
    process.stderr.write(`poolwise: ${manifest.missing.length} archive files were not there to back up\n`);
  if (json) printJson({ folder, ...manifest });
  else {
    printTable(
      ["table", "rows", "bytes"],
      Object.entries(manifest.tables).map(([table, { rows, bytes }]) => [table, rows, bytes]),
    );
    process.stdout.write(
      `${folder}: schema ${manifest.schema_version}, ${manifest.archive.length} archive files, ${manifest.logs.length} logs; settings are not included\n`,
    );
  }
}

async function fetchBackup(
  connection: Connection,
  { id, manifest }: PreparedBackup,
  part: string,
): Promise<void> {
  mkdirSync(part, { recursive: true, mode: 0o700 });
  for (const name of ["archive", "logs"]) mkdirSync(join(part, name), { mode: 0o700 });
  for (const { path, bytes, sha256 } of backupFiles(manifest)) {
    const url = path.startsWith("archive/") ? `/api/archives/${path.slice(8)}` : `/api/backups/${id}/${path}`;
    const fetched = await download(connection, url, join(part, path));
    if (fetched.bytes !== bytes || fetched.sha256 !== sha256)
      throw new CommandFailed(`${path} did not arrive as it is on the server; no backup was made`);
  }
  await download(connection, `/api/backups/${id}/${MANIFEST}`, join(part, MANIFEST));
}

async function download(
  connection: Connection,
  url: string,
  file: string,
): Promise<{ bytes: number; sha256: string }> {
  const response = await connection.request(url);
  if (!response.ok) throw await failureOf(response);
  const hash = createHash("sha256");
  const handle = await open(file, "wx", 0o600);
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** An empty folder of that name gives way; anything else makes the system refuse. */
async function moveToName(part: string, folder: string): Promise<void> {
  const handle = await open(part, "r");
  await handle.sync().finally(() => handle.close());
  await rename(part, folder);
  const parent = await open(dirname(folder), "r");
  await parent.sync().finally(() => parent.close());
}

async function restore(dir: string, { json }: OutputOptions): Promise<void> {
  const paths = resolvePaths();
  // POOLWISE_URL may name a server elsewhere; what counts is who uses this data directory.
  const server = findServer(paths, { ...process.env, POOLWISE_URL: "" });
  if (server !== null)
    throw new CommandFailed(`the server at ${server} uses this data directory; stop it before a restore`);
  const { dataDir, snapshots, archive, spool, logs } = paths;
  const file = databaseFile(paths);
  const manifest = await restoreBackup(resolve(dir), { file, dataDir, snapshots, archive, spool, logs });
  if (json) printJson({ database: file, ...manifest });
  else {
    printTable(
      ["table", "rows"],
      Object.entries(manifest.tables).map(([table, { rows }]) => [table, rows]),
    );
    process.stdout.write(`${file}: restored the backup of ${manifest.created_at}\n`);
  }
}

function databaseFile(paths: Paths): string {
  return resolveFrom(paths.dataDir, loadSettings(paths).settings.learning.database_path);
}

function refuseWithoutDatabase(paths: Paths): void {
  if (findServer(paths) === null && !databaseExists(paths))
    throw new CommandFailed(`there is no database in ${paths.dataDir} yet; the first start creates it`);
}

function refuseUsedFolder(folder: string, part: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CommandFailed(`${folder} is not empty; give the backup a folder of its own`);
  if (existsSync(part))
    throw new CommandFailed(`${part} is there: another backup is writing it, or was cut off; remove it then`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
