import "server-only";
import { realpath } from "node:fs/promises";
import { isAbsolute, normalize, relative, resolve, sep } from "node:path";
import { invalid } from "@/lib/errors";
import type { FieldError } from "@/lib/shape/problem";

/**
 * Checks that each file exists and, with every symbolic link followed, lies inside the repository.
 * Returns the paths relative to the repository, normalised. Throws a `PoolwiseError` that names each
 * offender as `files.N`, or `repo` when the repository's own folder is gone.
 */
export async function resolveFilesInside(repoPath: string, files: string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const root = await realpath(repoPath).catch((error: unknown) => {
    throw invalid([{ path: "repo", message: "the repository's folder does not exist" }], { cause: error });
  });
  const problems = await Promise.all(files.map((file) => problemWith(root, file)));
  const errors = problems.flatMap((message, index): FieldError[] =>
    message === null ? [] : [{ path: `files.${index}`, message }],
  );
  if (errors.length > 0) throw invalid(errors);
  return files.map((file) => normalize(file));
}

async function problemWith(root: string, file: string): Promise<string | null> {
  const outside = `'${file}' leads outside the repository`;
  if (file.includes("\0") || isAbsolute(file)) return "must be a path relative to the repository";
  if (!isInside(root, resolve(root, file))) return outside;
  const real = await realpath(resolve(root, file)).catch(() => null);
  if (real === null) return `'${file}' does not exist in the repository`;
  return isInside(root, real) ? null : outside;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
