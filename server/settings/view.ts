import "server-only";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import type { SettingView } from "@/lib/shape/setting";
import type { LoadedSettings, Source } from "./load";
import { withoutSecrets } from "./secrets";
import { isTree } from "./tree";

/** Every resolved setting, in the order of standard.yaml, with its source and its one-line reason. */
export function viewSettings(loaded: LoadedSettings, settingsDir: string): SettingView[] {
  const descriptions = readDescriptions(join(settingsDir, "standard.yaml"));
  const defaults = new Map(leaves(loaded.standard, []).map(([path, value]) => [path.join("."), value]));
  return leaves(loaded.merged, []).map(([path, value]) => {
    const key = path.join(".");
    const source = sourceOf(key, loaded.sources);
    const standard = defaults.get(key);
    return {
      key,
      value: text(path, value),
      default_value: standard === undefined ? null : text(path, standard),
      source: source.kind,
      where: source.where,
      description: descriptions.get(key) ?? "",
    };
  });
}

function sourceOf(key: string, sources: Map<string, Source>): Source {
  return sources.get(key) ?? { kind: "standard.yaml", where: "standard.yaml" };
}

function leaves(tree: unknown, path: string[]): [string[], unknown][] {
  if (!isTree(tree)) return [[path, tree]];
  const entries = Object.entries(tree);
  if (entries.length === 0) return [[path, {}]];
  return entries.flatMap(([key, value]) => leaves(value, [...path, key]));
}

function text(path: string[], value: unknown): string {
  const shown = withoutSecrets(path, value);
  return typeof shown === "string" ? shown : JSON.stringify(shown);
}

function readDescriptions(file: string): Map<string, string> {
  const found = new Map<string, string>();
  const { contents } = parseDocument(readFileSync(file, "utf8"));
  if (isMap(contents)) collect(contents, "", found);
  return found;
}

function collect(map: YAMLMap, prefix: string, found: Map<string, string>): void {
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const path = prefix ? `${prefix}.${key}` : key;
    const value = pair.value;
    if (isMap(value)) {
      collect(value, path, found);
      continue;
    }
    const comment =
      (value as { comment?: string | null } | null)?.comment ??
      (pair.key as { comment?: string | null }).comment;
    if (comment) found.set(path, comment.trim());
  }
}
