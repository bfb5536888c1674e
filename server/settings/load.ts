import "server-only";
import { join } from "node:path";
import { readEnvironment } from "./environment";
import type { Paths } from "./paths";
import { describeIssue, SettingsError, type Origin, type Source } from "./problems";
import { readYaml } from "./read-yaml";
import { checkRules } from "./rules";
import { settingsSchema, type Settings } from "./schema";
import { isTree, newTree, type Tree } from "./tree";

export { SettingsError, type Source } from "./problems";

type Layer = { tree: Tree; source: (path: string) => Source };

export type LoadedSettings = {
  settings: Settings;
  /** Merged values before validation, for showing. */
  merged: Tree;
  standard: Tree;
  /** Dotted key path -> where its value came from. */
  sources: Map<string, Source>;
};

/** Reads standard.yaml, local.yaml and the environment; throws a `SettingsError` naming every problem. */
export function loadSettings(
  paths: Pick<Paths, "settingsDir" | "root">,
  env: NodeJS.ProcessEnv = process.env,
): LoadedSettings {
  const problems: string[] = [];
  const standardFile = join(paths.settingsDir, "standard.yaml");
  const localFile = join(paths.settingsDir, "local.yaml");
  const standard = readYaml(standardFile, problems);
  if (standard === null)
    throw new SettingsError([`${standardFile}: found no such file, expected the standard settings`]);
  const local = readYaml(localFile, problems) ?? newTree();
  const environment = readEnvironment(env, standard, problems);
  if (problems.length > 0) throw new SettingsError(problems);

  const sources = new Map<string, Source>();
  const merged = newTree();
  const layers: Layer[] = [
    { tree: standard, source: () => ({ kind: "standard.yaml", where: standardFile }) },
    { tree: local, source: () => ({ kind: "local.yaml", where: localFile }) },
    {
      tree: environment.tree,
      source: (path) => ({ kind: "environment", where: variableOf(path, environment.names) }),
    },
  ];
  for (const { tree, source } of layers) merge(merged, tree, source, sources, "");

  const origin: Origin = { merged, standard, sources, fallback: standardFile };
  const parsed = settingsSchema.safeParse(merged);
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.flatMap((issue) => describeIssue(issue, origin)));
  const ruleProblems = checkRules(parsed.data, paths.root, origin);
  if (ruleProblems.length > 0) throw new SettingsError(ruleProblems);
  return { settings: parsed.data, merged, standard, sources };
}

/** The variable that set a key, or, where it set a whole map or list, one that set something around or in it. */
function variableOf(path: string, names: Map<string, string>): string {
  const exact = names.get(path);
  if (exact !== undefined) return exact;
  const related = [...names].find(([key]) => path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
  return related?.[1] ?? "environment";
}

function merge(
  into: Tree,
  from: Tree,
  source: Layer["source"],
  sources: Map<string, Source>,
  prefix: string,
): void {
  for (const [key, value] of Object.entries(from)) {
    const path = prefix ? `${prefix}.${key}` : key;
    const present = into[key];
    if (isTree(value) && isTree(present)) {
      merge(present, value, source, sources, path);
      continue;
    }
    forget(path, sources);
    if (isTree(value)) {
      const node = newTree();
      into[key] = node;
      merge(node, value, source, sources, path);
      if (Object.keys(value).length > 0) continue;
    } else {
      into[key] = value;
    }
    sources.set(path, source(path));
  }
}

/** What is replaced by a value of another kind no longer says anything about where that came from. */
function forget(path: string, sources: Map<string, Source>): void {
  for (const key of sources.keys()) if (key === path || key.startsWith(`${path}.`)) sources.delete(key);
}
