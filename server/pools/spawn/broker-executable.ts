import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/**
 * Absolute path of a program, or null when there is none that may be executed.
 * A name with a slash is taken relative to `cwd`, any other is looked up on `path` (as in `PATH`).
 */
export function findExecutable(name: string, where: { path: string; cwd: string }): string | null {
  if (name === "") return null;
  if (name.includes("/")) return executableAt(resolve(where.cwd, name));
  for (const folder of where.path.split(delimiter)) {
    const found = folder === "" ? null : executableAt(resolve(where.cwd, folder, name));
    if (found !== null) return found;
  }
  return null;
}

function executableAt(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : null;
  } catch {
    return null; // absent or not ours to run: both mean "look further"
  }
}
