import "server-only";
import type { z } from "zod";
import { show } from "./secrets";
import { at, isTree, type Tree } from "./tree";

export type Source = { kind: "standard.yaml" | "local.yaml" | "environment"; where: string };

/** Every problem of the settings at once, one line each: where, key path, found, expected. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  constructor(readonly problems: string[]) {
    super(
      `The settings have ${problems.length} ${problems.length === 1 ? "problem" : "problems"}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
}

export type Origin = {
  merged: Tree;
  standard: Tree;
  /** Dotted key path -> where its value came from. */
  sources: Map<string, Source>;
  /** Blamed for what has no source, such as a key that is missing everywhere. */
  fallback: string;
};

/** A problem's line: where it is, its key, what was found and what is expected there. */
export function problemAt(path: string[], expected: string, { merged, sources, fallback }: Origin): string {
  const key = path.join(".");
  return `${whereOf(key, sources, fallback)}: ${key}: found ${show(path, at(merged, path))}, expected ${expected}`;
}

export function describeIssue(issue: z.core.$ZodIssue, origin: Origin): string[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [problemAt(path, expectation(issue), origin)];
  const known = at(origin.standard, path);
  const expected = isTree(known) ? `one of ${Object.keys(known).join(", ")}` : "no such key";
  return issue.keys.map((key) => {
    const full = [...path, key].join(".");
    const where = whereOf(full, origin.sources, origin.fallback);
    return `${where}: ${full}: found an unknown key, expected ${expected}`;
  });
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_type")
    return issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  return issue.message;
}

/** The source of a key, of what is nearest below it (a whole list or map), or of what is above it. */
function whereOf(path: string, sources: Map<string, Source>, fallback: string): string {
  for (let key = path; key !== ""; key = key.slice(0, Math.max(0, key.lastIndexOf(".")))) {
    const source =
      sources.get(key) ?? [...sources].find(([candidate]) => candidate.startsWith(`${key}.`))?.[1];
    if (source) return source.where;
  }
  return fallback;
}
