import "server-only";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { resolveFrom, type Paths } from "./paths";
import { settingsSchema, type Settings } from "./schema";

export type Source = { kind: "standard.yaml" | "local.yaml" | "environment"; where: string };
type Tree = { [key: string]: unknown };
type Layer = { tree: Tree; source: Source | ((path: string) => Source) };

export type LoadedSettings = {
  settings: Settings;
  /** Merged values before validation, for showing. */
  merged: Tree;
  standard: Tree;
  /** Dotted key path -> where its value came from. */
  sources: Map<string, Source>;
};

/** Every problem of the settings at once, one line each: where, key path, found, expected. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  constructor(readonly problems: string[]) {
    super(
      `The settings have ${problems.length} ${problems.length === 1 ? "problem" : "problems"}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
}

/** Reads standard.yaml, local.yaml and the environment; throws a `SettingsError` naming every problem. */
export function loadSettings(
  paths: Pick<Paths, "settingsDir" | "root">,
  env: NodeJS.ProcessEnv = process.env,
): LoadedSettings {
  const problems: string[] = [];
  const standardFile = join(paths.settingsDir, "standard.yaml");
  const localFile = join(paths.settingsDir, "local.yaml");
  const standard = readYaml(standardFile, problems, true);
  const layers: Layer[] = [
    { tree: standard, source: { kind: "standard.yaml", where: standardFile } },
    { tree: readYaml(localFile, problems, false), source: { kind: "local.yaml", where: localFile } },
    environmentLayer(env),
  ];
  if (problems.length > 0) throw new SettingsError(problems);

  const sources = new Map<string, Source>();
  const merged: Tree = {};
  for (const layer of layers) merge(merged, layer.tree, layer.source, sources, "");

  const parsed = settingsSchema.safeParse(merged);
  if (!parsed.success) {
    throw new SettingsError(
      parsed.error.issues.flatMap((issue) => describeIssue(issue, merged, standard, sources, standardFile)),
    );
  }
  const repoProblems = checkRepos(parsed.data, paths.root, sources, standardFile);
  if (repoProblems.length > 0) throw new SettingsError(repoProblems);
  return { settings: parsed.data, merged, standard, sources };
}

function readYaml(file: string, problems: string[], required: boolean): Tree {
  if (!existsSync(file)) {
    if (required) problems.push(`${file}: found no such file, expected the standard settings`);
    return {};
  }
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const error of document.errors)
    problems.push(`${file}: not valid YAML: ${error.message.split("\n")[0] ?? ""}`);
  if (document.errors.length > 0) return {};
  const value: unknown = document.toJS() ?? {};
  if (isTree(value)) return value;
  problems.push(`${file}: found ${show(value)}, expected sections with keys`);
  return {};
}

const SETTING_VARIABLE = /^POOLWISE_([A-Z0-9]+(?:_[A-Z0-9]+)*)__(.+)$/;
const PLAIN_VARIABLES: Record<string, string> = { PORT: "port", HOST: "host" };

function environmentLayer(env: NodeJS.ProcessEnv): Layer {
  const tree: Tree = {};
  const names = new Map<string, string>();
  const put = (keys: string[], variable: string, text: string) => {
    const last = keys.at(-1) ?? "";
    let node = tree;
    for (const key of keys.slice(0, -1)) {
      const next = node[key];
      node = isTree(next) ? next : (node[key] = {} as Tree);
    }
    node[last] = scalar(text);
    names.set(keys.join("."), variable);
  };
  for (const [variable, key] of Object.entries(PLAIN_VARIABLES)) {
    const text = env[variable];
    if (text) put(["server", key], variable, text);
  }
  for (const [variable, text] of Object.entries(env)) {
    const match = SETTING_VARIABLE.exec(variable);
    if (!match || text === undefined) continue;
    put(
      [match[1] ?? "", ...(match[2] ?? "").split("__")].map((key) => key.toLowerCase()),
      variable,
      text,
    );
  }
  return { tree, source: (path) => ({ kind: "environment", where: names.get(path) ?? "environment" }) };
}

/** A value from the environment is read as YAML, so that 30, true and [a, b] mean what they look like. */
function scalar(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : (document.toJS() as unknown);
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
    if (isTree(value)) {
      const node = isTree(present) ? present : (into[key] = {} as Tree);
      merge(node, value, source, sources, path);
      if (Object.keys(value).length > 0) continue;
    } else {
      into[key] = value;
    }
    sources.set(path, typeof source === "function" ? source(path) : source);
  }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  merged: Tree,
  standard: Tree,
  sources: Map<string, Source>,
  fallback: string,
): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const known = at(standard, path);
    const expected = isTree(known) ? `one of ${Object.keys(known).join(", ")}` : "no such key";
    return issue.keys.map((key) => {
      const full = [...path, key].join(".");
      return `${whereOf(full, sources, fallback)}: ${full}: found an unknown key, expected ${expected}`;
    });
  }
  const full = path.join(".");
  return [
    `${whereOf(full, sources, fallback)}: ${full}: found ${show(at(merged, path))}, expected ${expectation(issue)}`,
  ];
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

function checkRepos(
  settings: Settings,
  root: string,
  sources: Map<string, Source>,
  fallback: string,
): string[] {
  return Object.entries(settings.repos).flatMap(([name, repo]) => {
    const path = resolveFrom(root, repo.path);
    if (existsSync(path) && statSync(path).isDirectory()) return [];
    const key = `repos.${name}.path`;
    return [
      `${whereOf(key, sources, fallback)}: ${key}: found ${show(repo.path)}, expected an existing directory`,
    ];
  });
}

function at(tree: unknown, path: string[]): unknown {
  let node = tree;
  for (const key of path) node = node !== null && typeof node === "object" ? (node as Tree)[key] : undefined;
  return node;
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
