import "server-only";
import type { Catalog } from "@/lib/shape/catalog";
import type { Decision } from "@/lib/shape/decision";
import type { DatabaseStatus } from "@/lib/shape/health";
import type { Manifest } from "@/lib/shape/manifest";
import type { MonitoringView } from "@/lib/shape/monitoring";
import type { PoolView } from "@/lib/shape/pool";
import type { SettingView } from "@/lib/shape/setting";
import type { TaskDetail, TaskFeedback, TaskListQuery, TaskPage } from "@/lib/shape/task";

/**
 * What the running server offers its doors (pages, server actions, HTTP, command line).
 * Arguments typed `unknown` are validated inside; a broken rule is thrown as a `PoolwiseError`.
 */
export type Runtime = {
  /** Refuses new tasks once shutdown has begun. */
  readonly draining: boolean;
  settings: () => SettingView[];
  catalog: () => Promise<Catalog>;
  tasks: {
    submit: (input: unknown) => Promise<{ task_id: string; decision: Decision; created: boolean }>;
    explain: (input: unknown) => Promise<Decision>;
    list: (query: TaskListQuery) => Promise<TaskPage>;
    get: (taskId: string) => Promise<TaskDetail>;
    /** True while this process still has to bring the task to its end; costs nothing. */
    isLive: (taskId: string) => boolean;
    cancel: (taskId: string) => Promise<TaskDetail>;
    replay: (taskId: string, changes: unknown) => Promise<{ task_id: string; decision: Decision }>;
    rate: (taskId: string, input: unknown) => Promise<TaskFeedback>;
  };
  pools: {
    list: () => PoolView[];
    spawn: (input: unknown) => Promise<PoolView>;
    change: (idOrName: string, input: unknown) => Promise<PoolView>;
    close: (idOrName: string) => Promise<PoolView>;
  };
  snapshots: {
    publish: (options?: { full?: boolean }) => Promise<Manifest>;
    manifest: () => Promise<Manifest>;
  };
  health: () => Promise<DatabaseStatus>;
  monitoring: () => Promise<MonitoringView>;
};

const KEY = Symbol.for("poolwise.runtime");
type Holder = { [KEY]?: Runtime };

/**
 * The one runtime of this process. It lives on `globalThis` because Next evaluates server modules several
 * times in one process (pages, actions, every hot reload), and a second open of the database loses data.
 */
export function getRuntime(): Runtime {
  const runtime = (globalThis as Holder)[KEY];
  if (!runtime)
    throw new Error("No Poolwise server runs in this process; start it with 'npm start' or 'npm run dev'.");
  return runtime;
}

/** Called once by the server's start, before any page can be asked for. */
export function setRuntime(runtime: Runtime): void {
  (globalThis as Holder)[KEY] = runtime;
}
