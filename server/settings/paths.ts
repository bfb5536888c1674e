import "server-only";
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder that holds package.json, wherever this code was bundled to. */
export function applicationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json was not found above the program");
    folder = parent;
  }
  return folder;
}

export type Paths = {
  root: string;
  settingsDir: string;
  dataDir: string;
  snapshots: string;
  archive: string;
  spool: string;
  logs: string;
  /** pid, url of the running server; mode 0600 */
  runtimeFile: string;
};

/** Where everything lives, from POOLWISE_DATA_DIR and POOLWISE_SETTINGS_DIR or their defaults in the clone. */
export function resolvePaths(env: NodeJS.ProcessEnv = process.env, root = applicationRoot()): Paths {
  const dataDir = resolve(env.POOLWISE_DATA_DIR || join(root, "data"));
  return {
    root,
    settingsDir: resolve(env.POOLWISE_SETTINGS_DIR || join(root, "settings")),
    dataDir,
    snapshots: join(dataDir, "snapshots"),
    archive: join(dataDir, "archive"),
    spool: join(dataDir, "spool"),
    logs: join(dataDir, "logs"),
    runtimeFile: join(dataDir, "runtime.json"),
  };
}

export function resolveFrom(base: string, path: string): string {
  return isAbsolute(path) ? path : resolve(base, path);
}
