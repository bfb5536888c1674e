import "server-only";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { isSameProcess } from "../database/lock";
import { createApi } from "../http/app";
import { createLogger } from "../log";
import { loadSettings } from "../settings/load";
import { resolveFrom, resolvePaths, type Paths } from "../settings/paths";
import { createRuntime } from "../tasks/create-runtime";
import { beforeLeaving, leaveOnSignals } from "./leave";

/** The API of the running server, or of the data directory itself when none runs. */
export type Connection = {
  /** URL of the server, or null when this process opened the data directory. */
  server: string | null;
  request: (path: string, init?: RequestInit) => Promise<Response>;
  close: () => Promise<void>;
};

/** Written by the server; `started` tells its process from a later one that was given the same pid. */
const runningSchema = z.object({ pid: z.int(), url: z.url(), started: z.string().nullable().default(null) });

/** Program that starts processes for workers; bundled beside this one. */
export function brokerPath(): string {
  return fileURLToPath(new URL("./broker.mjs", import.meta.url));
}

/** URL of the running server, from POOLWISE_URL or the data directory; null when none runs. */
export function findServer(paths: Paths, env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.POOLWISE_URL) return env.POOLWISE_URL.replace(/\/$/, "");
  try {
    const { url, ...server } = runningSchema.parse(JSON.parse(readFileSync(paths.runtimeFile, "utf8")));
    return isSameProcess(server) ? url : null;
  } catch {
    // No file, or half a file: no server runs.
    return null;
  }
}

/** True when there is a database to speak of, so that looking at it does not create one. */
export function databaseExists(paths: Paths): boolean {
  const { settings } = loadSettings(paths);
  return existsSync(resolveFrom(paths.dataDir, settings.learning.database_path));
}

async function connect(paths: Paths = resolvePaths()): Promise<Connection> {
  const server = findServer(paths);
  return server === null ? openHere(paths) : overHttp(server);
}

/** Does something with the API and lets go of it, whatever happens. */
export async function withConnection<T>(
  action: (connection: Connection) => Promise<T>,
  paths?: Paths,
): Promise<T> {
  const connection = await connect(paths);
  try {
    return await action(connection);
  } finally {
    await connection.close();
  }
}

function overHttp(server: string): Connection {
  const token = process.env.POOLWISE_TOKEN;
  return {
    server,
    request: async (path, init = {}) => {
      const headers = new Headers(init.headers);
      if (token) headers.set("authorization", `Bearer ${token}`);
      try {
        return await fetch(`${server}${path}`, { ...init, headers });
      } catch (error) {
        throw new Error(`the server at ${server} does not answer`, { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

async function openHere(paths: Paths): Promise<Connection> {
  const loaded = loadSettings(paths);
  // A command's own output is its result; only what goes wrong is logged beside it.
  const logger = createLogger(process.env, "error");
  const opening = createRuntime({ paths, loaded, logger, brokerPath: brokerPath(), takeUpTasks: false });
  const close = closing(opening);
  const runtime = await opening.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const api = createApi(runtime, {
    logger,
    maxBodyBytes: loaded.settings.server.max_body_mb * 1024 * 1024,
    authEnabled: false,
  });
  return {
    server: null,
    request: async (path, init) => api.request(path, init),
    close,
  };
}

/** Closes once, however often it is asked to, and also when the command is ended early. */
function closing(opening: ReturnType<typeof createRuntime>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = () =>
    (closed ??= opening.then(
      (runtime) => runtime.close(),
      () => undefined,
    ));
  const stay = beforeLeaving(close);
  const ignoreSignals = leaveOnSignals();
  return () =>
    close().finally(() => {
      stay();
      ignoreSignals();
    });
}
