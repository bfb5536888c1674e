import "server-only";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@/lib/errors";
import type { Archive } from "@/lib/shape/keeping";
import type { DatabaseStatus } from "@/lib/shape/health";
import { keepingFindings } from "../keeping/findings";
import { describeWorkers } from "../pools/workers/availability";
import { loadRecipes } from "../pools/workers/recipes";
import { loadSettings } from "../settings/load";
import { resolveFrom, resolvePaths, type Paths } from "../settings/paths";
import type { Settings } from "../settings/schema";
import { databaseExists, findServer, withConnection } from "./connection";
import { ask } from "./output";

export type DoctorFinding = { what: string; ok: boolean; finding: string; remedy: string | null };

const NODE_MIN = [20, 9] as const;

/** Looks at everything Poolwise needs here; each finding that is not ok says what to do. */
export async function diagnose(): Promise<DoctorFinding[]> {
  const paths = resolvePaths();
  const findings = [checkNode(), checkBuild(paths), checkDataDirectory(paths)];
  const { settings, finding } = readSettings(paths);
  findings.push(finding);
  if (!settings) return findings;
  findings.push(...checkRepos(settings, paths), ...checkWorkers(settings, paths));
  findings.push(await checkDatabase(paths), ...(await checkKeeping(paths)));
  return findings;
}

function good(what: string, finding: string): DoctorFinding {
  return { what, ok: true, finding, remedy: null };
}

function bad(what: string, finding: string, remedy: string): DoctorFinding {
  return { what, ok: false, finding, remedy };
}

function checkNode(): DoctorFinding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return enough
    ? good("node", process.version)
    : bad("node", process.version, `Install Node.js ${NODE_MIN.join(".")} or newer`);
}

function checkBuild(paths: Paths): DoctorFinding {
  const built = [
    join(paths.root, ".next", "BUILD_ID"),
    join(paths.root, "public", "duckdb", "duckdb-eh.wasm"),
  ].every(existsSync);
  return good("pages", built ? "built" : "not built yet; 'poolwise start' builds them");
}

function checkDataDirectory({ dataDir }: Paths): DoctorFinding {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.R_OK | constants.W_OK);
    return good("data directory", dataDir);
  } catch (error) {
    return bad(
      "data directory",
      messageOf(error),
      "Make it writable, or set POOLWISE_DATA_DIR to another folder",
    );
  }
}

function readSettings(paths: Paths): { settings: Settings | null; finding: DoctorFinding } {
  try {
    return { settings: loadSettings(paths).settings, finding: good("settings", paths.settingsDir) };
  } catch (error) {
    return {
      settings: null,
      finding: bad(
        "settings",
        messageOf(error).replaceAll("\n", " "),
        "Correct these keys and run this again",
      ),
    };
  }
}

function checkRepos(settings: Settings, paths: Paths): DoctorFinding[] {
  return Object.entries(settings.repos).map(([name, repo]) =>
    good(`repository ${name}`, resolveFrom(paths.root, repo.path)),
  );
}

function checkWorkers(settings: Settings, paths: Paths): DoctorFinding[] {
  try {
    const recipes = loadRecipes(join(paths.settingsDir, "recipes.yaml"), {
      defaultTimeoutSeconds: settings.workers.timeout_seconds,
    });
    return describeWorkers({ recipes, providers: settings.providers, env: process.env }).map((worker) =>
      // A model is optional, so its absence is said and is no problem.
      good(`${worker.type} worker`, `${worker.available ? "available" : "not available"}: ${worker.detail}`),
    );
  } catch (error) {
    return [bad("recipes", messageOf(error).replaceAll("\n", " "), "Correct settings/recipes.yaml")];
  }
}

async function checkKeeping(paths: Paths): Promise<DoctorFinding[]> {
  const running = findServer(paths) !== null;
  const nothing = { archives: null, last_backup_at: null };
  const { archives, last_backup_at } =
    running || databaseExists(paths)
      ? await withConnection(async (connection) => {
          const archives = await ask<Archive[]>(connection, "GET", "/api/archives");
          const backups = await ask<{ last_backup_at: string | null }>(connection, "GET", "/api/backups");
          return { archives, ...backups };
        }, paths).catch(() => nothing)
      : nothing;
  return keepingFindings(paths, { archives, lastBackup: last_backup_at, running });
}

async function checkDatabase(paths: Paths): Promise<DoctorFinding> {
  if (findServer(paths) === null && !databaseExists(paths)) {
    return good("database", "none yet; the first start creates it");
  }
  try {
    return await withConnection(async (connection) => {
      const health = await ask<DatabaseStatus>(connection, "GET", "/api/health");
      const where = connection.server ?? "no server runs";
      const finding = `${health.status}, ${health.executions.total} executions, ${health.database.size_mb} MB; ${where}`;
      return health.errors.length === 0
        ? good("database", finding)
        : bad("database", finding, health.errors.join(" "));
    }, paths);
  } catch (error) {
    return bad("database", messageOf(error), "");
  }
}
