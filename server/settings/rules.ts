import "server-only";
import { statSync } from "node:fs";
import { resolveFrom } from "./paths";
import { problemAt, type Origin } from "./problems";
import type { Settings } from "./schema";

/** What only the whole of the settings, or the disk, can tell: one line per problem. */
export function checkRules(settings: Settings, root: string, origin: Origin): string[] {
  return [...checkRepos(settings, root, origin), ...checkModels(settings, origin)];
}

function checkRepos(settings: Settings, root: string, origin: Origin): string[] {
  return Object.entries(settings.repos).flatMap(([name, repo]) => {
    const stats = statSync(resolveFrom(root, repo.path), { throwIfNoEntry: false });
    return stats?.isDirectory() ? [] : [problemAt(["repos", name, "path"], "an existing directory", origin)];
  });
}

const TIER_SECTIONS = ["small_tier", "medium_tier", "large_tier"] as const;

/**
 * A slash is usual in names of models ("meta-llama/llama-3"), so a prefix that is no provider's name is taken as
 * part of one. A prefix that misses a provider's name by a letter is a typo, and would go to another provider.
 */
function checkModels({ model_routing: routing, providers }: Settings, origin: Origin): string[] {
  const names = Object.keys(providers);
  return TIER_SECTIONS.flatMap((tier) =>
    routing[tier].models.flatMap((model, i) => {
      const slash = model.indexOf("/");
      const prefix = model.slice(0, Math.max(0, slash));
      if (prefix === "" || names.includes(prefix)) return [];
      const meant = names.find((name) => isAlmost(prefix.toLowerCase(), name.toLowerCase()));
      if (meant === undefined) return [];
      const path = ["model_routing", tier, "models", String(i)];
      return [problemAt(path, `a provider that is there, such as ${meant}${model.slice(slash)}`, origin)];
    }),
  );
}

/** Equal, or one letter is missing, added or another. */
function isAlmost(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 4) return a === b;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const restOfA = a.slice(start);
  const restOfB = b.slice(start);
  const candidates = [
    [restOfA.slice(1), restOfB],
    [restOfA, restOfB.slice(1)],
    [restOfA.slice(1), restOfB.slice(1)],
  ];
  return candidates.some(([left, right]) => left === right);
}
