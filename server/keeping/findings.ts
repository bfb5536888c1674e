import "server-only";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ARCHIVE_NAME, type Archive } from "@/lib/shape/keeping";
import { hashFile } from "../snapshots/durable-file";

export type KeepingFinding = { what: string; ok: boolean; finding: string; remedy: string | null };
type Folders = { dataDir: string; archive: string; snapshots: string; spool: string };

/**
 * What `doctor` says about archive, backups, spool and leftovers. `archives` is null when the database could not be
 * asked, `lastBackup` (ISO 8601) also when there was none; `running`: a server uses the data directory, so that fresh temporary files are its own.
 */
export async function keepingFindings(
  folders: Folders,
  {
    archives,
    lastBackup,
    running,
  }: { archives: Archive[] | null; lastBackup: string | null; running: boolean },
): Promise<KeepingFinding[]> {
  return [
    ...(archives === null ? [] : await archiveFindings(folders.archive, archives)),
    ...(archives === null ? [] : [backupFinding(lastBackup)]),
    spoolFinding(folders.spool, running),
    leftoverFinding(folders, running),
  ];
}

async function archiveFindings(folder: string, archives: Archive[]): Promise<KeepingFinding[]> {
  const what = "archive";
  const missing = archives.filter(({ file }) => !existsSync(join(folder, file)));
  const damaged: string[] = [];
  for (const { file, sha256 } of archives) {
    if (existsSync(join(folder, file)) && (await hashFile(join(folder, file))) !== sha256) damaged.push(file);
  }
  const known = new Set(archives.map(({ file }) => file));
  const unknown = names(folder).filter((file) => ARCHIVE_NAME.test(file) && !known.has(file));
  const problems = [
    problem(
      what,
      missing.map(({ file }) => file),
      "missing",
      "Put them back from a backup or from wherever they were moved",
    ),
    problem(what, damaged, "damaged", "Put them back from a backup"),
    problem(
      what,
      unknown,
      "not registered",
      "Run 'poolwise retention'; it removes or registers them. What remains holds some rows that are also in the database",
    ),
  ].filter((finding) => finding !== null);
  if (problems.length > 0) return problems;
  const rows = archives.reduce((sum, archive) => sum + archive.rows, 0);
  return [good(what, `${archives.length} files with ${rows} rows, all present and unchanged`)];
}

/** Never a problem: whoever copies the disk otherwise needs none of ours. */
function backupFinding(last: string | null): KeepingFinding {
  if (last === null) return good("backup", "none yet; 'poolwise backup <dir>' makes one");
  const days = Math.floor((Date.now() - Date.parse(last)) / 86_400_000);
  return good(
    "backup",
    `the last one is of ${last.slice(0, 10)}, ${days} ${days === 1 ? "day" : "days"} ago`,
  );
}

function spoolFinding(folder: string, running: boolean): KeepingFinding {
  const waiting = names(folder).filter((file) => file.endsWith(".jsonl"));
  if (waiting.length === 0) return good("spool", "empty");
  const finding = `${waiting.length} ${waiting.length === 1 ? "file" : "files"} of outcomes that the database has not taken`;
  return running
    ? bad("spool", finding, "The server tries again every second; see 'poolwise monitor' for what stops it")
    : bad("spool", finding, "Start Poolwise; it takes them in first");
}

const OLD_MS = 3_600_000;

function leftoverFinding({ dataDir, archive, snapshots }: Folders, running: boolean): KeepingFinding {
  const isOld = (path: string) =>
    !running || Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > OLD_MS;
  const left = [
    ...[archive, snapshots].flatMap((folder) =>
      names(folder)
        .filter((file) => file.endsWith(".tmp"))
        .map((file) => join(folder, file)),
    ),
    ...names(dataDir)
      .filter((file) => /\.(restoring|compacting)$/.test(file))
      .map((file) => join(dataDir, file)),
    ...names(join(dataDir, "reports")).map((file) => join(dataDir, "reports", file)),
  ].filter(isOld);
  const finding = problem(
    "leftovers",
    left,
    "left by a run that was cut off",
    "They are not needed; delete them",
  );
  return finding ?? good("leftovers", "none");
}

function problem(what: string, files: string[], state: string, remedy: string): KeepingFinding | null {
  const [first, ...more] = files;
  if (first === undefined) return null;
  return bad(what, `${first}${more.length > 0 ? ` and ${more.length} more` : ""}: ${state}`, remedy);
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function good(what: string, finding: string): KeepingFinding {
  return { what, ok: true, finding, remedy: null };
}

function bad(what: string, finding: string, remedy: string): KeepingFinding {
  return { what, ok: false, finding, remedy };
}
