import "server-only";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { z } from "zod";

const holderSchema = z.object({ pid: z.int(), started: z.string().nullable() });
type Holder = z.infer<typeof holderSchema>;

/** The data directory is in use by another process. */
export class DataDirectoryInUse extends Error {
  override readonly name = "DataDirectoryInUse";
  constructor(
    readonly pid: number,
    dataDir: string,
    url: string | null,
  ) {
    super(
      `Another Poolwise (process ${pid}${url ? `, ${url}` : ""}) uses the data directory ${dataDir}. ` +
        "Stop it first, or give this one its own POOLWISE_DATA_DIR.",
    );
  }
}

/**
 * Takes `<file>` for this process, or returns the pid that holds it.
 * DuckDB locks its file against other processes too, but lets one process open it twice and then loses rows,
 * so the lock is taken before the database is touched.
 */
export function takeLock(file: string): { release: () => void } | { heldBy: number } {
  // Two tries: the second after removing what a killed process left.
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = openSync(file, "wx", 0o600);
      writeSync(
        handle,
        JSON.stringify({ pid: process.pid, started: startTime(process.pid) } satisfies Holder),
      );
      closeSync(handle);
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(file);
    if (holder && isSameProcess(holder)) return { heldBy: holder.pid };
    rmSync(file, { force: true });
  }
  throw new Error(`The lock file ${file} could not be taken: another process keeps creating it.`);
}

function readHolder(file: string): Holder | null {
  try {
    const parsed = holderSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    // Half-written by a process that died, or gone already: nobody holds it.
    return null;
  }
}

/**
 * Whether the process that announced itself so still runs. A pid alone is not enough: in a container the next process
 * often gets the same one.
 */
export function isSameProcess(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const started = startTime(holder.pid);
  if (started === "dead") return false;
  return started === null || holder.started === null || started === holder.started;
}

/** Clock ticks since boot at which a process began, or null where the system does not say; `dead` for a zombie. */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds nothing any more; nobody has asked how it ended, that is all.
    return fields[0] === "Z" ? "dead" : (fields[19] ?? null);
  } catch {
    return null;
  }
}
