import "server-only";
import { mkdirSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { messageOf } from "@/lib/errors";
import type { ReportFormat, ReportName, ReportQuery } from "@/lib/shape/report";
import type { Database } from "../database/database";
import { openDatabase } from "../database/open";
import { Keeping } from "../keeping/keeping";
import { scheduleRetention } from "../keeping/schedule";
import { poolwiseVersion } from "../keeping/version";
import type { Logger } from "../log";
import { AlertLog } from "../monitoring/alert-log";
import { checkHealth } from "../monitoring/health";
import { measureFolders, overview, type OverviewParts } from "../monitoring/overview";
import { PoolManager } from "../pools/manager";
import { createSpawner, type Spawner } from "../pools/spawn/client";
import type { Runtime } from "../runtime";
import type { LoadedSettings } from "../settings/load";
import { resolveFrom, type Paths } from "../settings/paths";
import type { Settings } from "../settings/schema";
import { viewSettings } from "../settings/view";
import { Publisher } from "../snapshots/publisher";
import { writeReport } from "../snapshots/report";
import { scheduleSnapshots } from "../snapshots/schedule";
import { Recorder } from "../telemetry/recorder";
import { Spool } from "../telemetry/spool";
import { Conductor } from "./conductor";
import { EventBus } from "./events";
import { ImportService } from "./import-service";
import { describeCatalog, poolDoors } from "./doors";
import { loadWorkParts, type WorkParts } from "./load-parts";
import { OutputLogs } from "./output-log";
import { recordPolicy } from "./policy-ledger";
import { restorePools, storePool } from "./pool-store";
import { recoverTasks } from "./recover";
import { TaskStore } from "./store";
import { TaskService } from "./task-service";

export type RuntimeOptions = {
  paths: Paths;
  loaded: LoadedSettings;
  logger: Logger;
  /** Program that starts processes for the workers; see server/pools/spawn/broker.ts. */
  brokerPath: string;
  env?: NodeJS.ProcessEnv;
  /** False for a command that only looks or runs its own task: what the last server left stays for the next one. */
  takeUpTasks?: boolean;
};

/** The runtime with what only its own process may use. */
export type OwnedRuntime = Runtime & {
  events: EventBus;
  logs: OutputLogs;
  snapshotFolder: string;
  keeping: Keeping;
  imports: ImportService;
  /** Writes a report to a temporary file, which the caller removes. */
  report: (name: ReportName, format: ReportFormat, query: ReportQuery) => Promise<string>;
  /** False while the database refuses what is written. */
  accepting: () => boolean;
  /** Aborted when shutdown begins, for whatever streams. */
  closing: AbortSignal;
  /** Finishes or hands back tasks, records, publishes a last snapshot and lets go of the database. */
  close: () => Promise<void>;
};

const HEALTH_INTERVAL_MS = 30_000;

/** Puts the rooms together: the only place that knows them all. Takes up what the last server left. */
export async function createRuntime(options: RuntimeOptions): Promise<OwnedRuntime> {
  const parts = await openParts(options);
  try {
    return await startRuntime(parts, options);
  } catch (error) {
    // A start that fails half way must not keep the data directory from the next one.
    await parts.spawner.close();
    await parts.database.close();
    throw error;
  }
}

async function startRuntime(parts: Parts, options: RuntimeOptions): Promise<OwnedRuntime> {
  const { paths, loaded, logger, takeUpTasks = true } = options;
  const { settings } = loaded;
  const { database, events, recorder, conductor, store, pools, work } = parts;

  await recorder.takeIn();
  await recordPolicy(database, work.plan.rules);
  await restorePools(database, pools, settings.pools);
  if (takeUpTasks) await recoverTasks({ store, recorder, conductor, plan: work.plan, logger });

  const publisher = await Publisher.start(database, {
    folder: paths.snapshots,
    compression: settings.snapshots.compression,
    keepVersions: settings.snapshots.keep_versions,
    logger,
    onPublished: ({ generation, created_at }) => events.emit({ type: "snapshot", generation, created_at }),
  });
  const kept = await openKeeping(database, options);
  const schedule = scheduleSnapshots(publisher, {
    intervalMs: settings.snapshots.interval_seconds * 1_000,
    isWatched: () => events.listenerCount > 0,
    logger,
  });
  const closing = new AbortController();
  // Every open stream listens for it.
  setMaxListeners(0, closing.signal);
  const tasks = new TaskService(database, store, conductor, work.plan, {
    isDraining: () => closing.signal.aborted,
    feedbackEnabled: settings.learning.enable_feedback_collection,
  });
  const judge = judgeOf(parts, settings, schedule.lastError);
  const stopWatching = await watchHealth(database, judge, logger);

  const watched = overviewParts(parts, options, publisher, kept.keeping);

  return {
    get draining() {
      return closing.signal.aborted;
    },
    closing: closing.signal,
    events,
    logs: parts.logs,
    snapshotFolder: paths.snapshots,
    keeping: kept.keeping,
    imports: new ImportService(database),
    settings: () => viewSettings(loaded, paths.settingsDir),
    catalog: () => Promise.resolve(describeCatalog(work.plan)),
    tasks,
    pools: poolDoors(pools, conductor, () => closing.signal.aborted),
    snapshots: {
      publish: (how) => publisher.publish(how),
      manifest: () => Promise.resolve(publisher.manifest ?? publisher.publish()),
    },
    report: (name, format, query) => writeReport(database, reportFolder(paths), name, format, query),
    health: async () => (await judge()).status,
    monitoring: async () => overview((await judge()).status, watched),
    accepting: () => recorder.status().unsaved === 0 && database.writer.stats().lastError === null,
    close: async () => {
      closing.abort();
      stopWatching();
      await kept.stop();
      await closeParts(parts, publisher, schedule.stop, options);
    },
  };
}

async function openKeeping(
  database: Database,
  { paths, loaded, logger, takeUpTasks = true }: RuntimeOptions,
): Promise<{ keeping: Keeping; stop: () => Promise<void> }> {
  const keeping = new Keeping({
    database,
    archiveFolder: paths.archive,
    logFolder: paths.logs,
    stagingFolder: reportFolder(paths),
    retentionDays: loaded.settings.learning.retention_days,
    poolwiseVersion: poolwiseVersion(paths.root),
  });
  await keeping.start();
  // A command that only looks must not delete.
  const schedule = takeUpTasks
    ? scheduleRetention(() => keeping.retention({ dryRun: false }), { logger })
    : null;
  const stop = async () => {
    schedule?.stop();
    await keeping.stop();
  };
  return { keeping, stop };
}

type Parts = {
  database: Database;
  events: EventBus;
  logs: OutputLogs;
  pools: PoolManager;
  recorder: Recorder;
  conductor: Conductor;
  store: TaskStore;
  spawner: Spawner;
  work: WorkParts;
};

async function openParts({
  paths,
  loaded: { settings },
  logger,
  brokerPath,
  env = process.env,
}: RuntimeOptions): Promise<Parts> {
  for (const folder of [paths.dataDir, paths.snapshots, paths.archive])
    mkdirSync(folder, { recursive: true });
  // First, while this process is small: every process a worker starts is forked from the broker.
  const spawner = createSpawner({ brokerPath, logger });
  let opened: Database | null = null;
  try {
    const database = await openDatabase({
      file: resolveFrom(paths.dataDir, settings.learning.database_path),
      allowedDirectories: [paths.snapshots, paths.archive, reportFolder(paths)],
    });
    opened = database;
    const events = new EventBus();
    const logs = new OutputLogs(paths.logs);
    const pools = new PoolManager(
      {
        type: settings.pools.default_type,
        minWorkers: settings.pools.min_workers,
        maxWorkers: settings.pools.max_workers,
      },
      async (pool, change) => {
        await storePool(database, pool);
        events.emit({ type: "pool", pool_id: pool.pool_id, name: pool.name, change });
        if (change === "spawned" || change === "resumed") conductor.takeUpParked();
      },
    );
    const work = loadWorkParts(settings, paths, spawner, pools, env);
    const recorder = new Recorder(database, new Spool(paths.spool), logger, {
      captureExecutions: settings.learning.enabled && settings.learning.enable_telemetry_capture,
    });
    const attempts = {
      workers: work.workers,
      outputLimitBytes: settings.workers.output_limit_bytes,
      newId: randomUUID,
    };
    const conductor = new Conductor({ database, recorder, pools, events, logs, attempts, logger });
    return {
      database,
      events,
      logs,
      pools,
      recorder,
      conductor,
      store: new TaskStore(database),
      spawner,
      work,
    };
  } catch (error) {
    await opened?.close();
    await spawner.close();
    throw error;
  }
}

/** In the order of the flow: tasks end, their outcomes are recorded, the last snapshot has them, the file is let go. */
async function closeParts(
  parts: Parts,
  publisher: Publisher,
  stopSchedule: () => void,
  { loaded, logger }: RuntimeOptions,
): Promise<void> {
  await parts.conductor.shutdown(loaded.settings.server.shutdown_grace_seconds * 1_000);
  stopSchedule();
  await parts.recorder.close();
  await parts.database.writer.drain();
  await publisher
    .publish()
    .catch((error: unknown) =>
      logger.error({ error: messageOf(error) }, "The last snapshot could not be published"),
    );
  await publisher.stop();
  await parts.spawner.close();
  await parts.database.close();
}

function overviewParts(
  { database, recorder }: Parts,
  { paths, loaded }: RuntimeOptions,
  publisher: Publisher,
  keeping: Keeping,
): OverviewParts {
  return {
    database,
    folderSizes: measureFolders(paths),
    retentionDays: loaded.settings.learning.retention_days,
    recorder: () => recorder.status(),
    snapshot: () => {
      const { manifest } = publisher;
      return manifest && { generation: manifest.generation, created_at: manifest.created_at };
    },
    archives: () => keeping.archives(),
    lastBackup: () => keeping.lastBackup(),
  };
}

function judgeOf({ database, recorder }: Parts, settings: Settings, snapshotError: () => string | null) {
  const parts = { database, limits: settings.monitoring, recorder: () => recorder.status(), snapshotError };
  return () => checkHealth(parts);
}

function reportFolder({ dataDir }: Paths): string {
  return join(dataDir, "reports");
}

async function watchHealth(
  database: Database,
  judge: () => ReturnType<typeof checkHealth>,
  logger: Logger,
): Promise<() => void> {
  const alerts = await AlertLog.start(database);
  const timer = setInterval(() => {
    judge()
      .then(({ findings }) => alerts.update(findings))
      .catch((error: unknown) => logger.warn({ error: messageOf(error) }, "Health could not be recorded"));
  }, HEALTH_INTERVAL_MS);
  return () => clearInterval(timer);
}
