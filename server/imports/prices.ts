import "server-only";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { tierSchema, type Tier } from "@/lib/shape/tier";
import { SettingsError } from "../settings/load";
import type { Paths } from "../settings/paths";

const price = z.number().min(0);
const rates = {
  input: price,
  output: price,
  cache_read: price.optional(),
  cache_write: price.optional(),
  cache_write_1h: price.optional(),
};

const modelsSchema = z.strictObject({
  as_of: z.iso.date(),
  tier_words: z.strictObject({ small: z.array(z.string().min(1)), large: z.array(z.string().min(1)) }),
  models: z.record(
    z.string().min(1),
    z.strictObject({
      tier: tierSchema,
      ...rates,
      long_prompt: z.strictObject({ above_tokens: z.int().min(1), ...rates }).optional(),
    }),
  ),
});
type Models = z.infer<typeof modelsSchema>;
type Entry = Models["models"][string];

/** Tokens of one request; `input` does not count what was read from or written to a cache. */
export type Usage = {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
};

export type Prices = {
  /** Tier of a model: its own, or by the words in its name, or medium. */
  tier: (model: string | null) => Tier;
  /** USD by the list, or null when the model is not in it. */
  cost: (model: string | null, usage: Usage) => number | null;
};

/** Reads models.yaml from the settings folder, or the one that came with Poolwise. @throws SettingsError */
export function loadPrices({ settingsDir, root }: Pick<Paths, "settingsDir" | "root">): Prices {
  const own = join(settingsDir, "models.yaml");
  return pricesOf(readModels(existsSync(own) ? own : join(root, "settings", "models.yaml")));
}

function readModels(file: string): Models {
  if (!existsSync(file))
    throw new SettingsError([`${file}: found no such file, expected the prices of models`]);
  const document = parseDocument(readFileSync(file, "utf8"));
  const [first] = document.errors;
  if (first) throw new SettingsError([`${file}: not valid YAML: ${first.message.split("\n")[0] ?? ""}`]);
  const value: unknown = document.toJS();
  const parsed = modelsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.flatMap((issue) => describe(file, issue, value)));
}

function describe(file: string, issue: z.core.$ZodIssue, value: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${file}: ${[...path, key].join(".")}: found an unknown key, expected none`,
    );
  }
  const found = path.reduce<unknown>(
    (node, key) =>
      node !== null && typeof node === "object" ? (node as Record<string, unknown>)[key] : undefined,
    value,
  );
  const shown = found === undefined ? "nothing" : JSON.stringify(found);
  return [`${file}: ${path.join(".")}: found ${shown}, expected ${expectation(issue)}`];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_type") return `a ${issue.expected}`;
  if (issue.code === "too_small") return `at least ${issue.minimum}`;
  return issue.message;
}

function pricesOf({ models, tier_words: words }: Models): Prices {
  // Longest first, so that the first match is the closest.
  const prefixes = Object.keys(models).sort((a, b) => b.length - a.length);
  const known = new Map<string, Entry | null>();
  const find = (model: string): Entry | null => {
    const cached = known.get(model);
    if (cached !== undefined) return cached;
    const name = bareName(model);
    const prefix = prefixes.find((candidate) => startsWithModel(name, candidate));
    const entry = prefix === undefined ? null : (models[prefix] ?? null);
    known.set(model, entry);
    return entry;
  };
  return {
    tier: (model) => {
      if (model === null) return "medium";
      const name = model.toLowerCase();
      const has = (list: string[]) => list.some((word) => name.includes(word));
      return find(model)?.tier ?? (has(words.small) ? "small" : has(words.large) ? "large" : "medium");
    },
    cost: (model, usage) => {
      const entry = model === null ? null : find(model);
      return entry && costOf(entry, usage);
    },
  };
}

function costOf(entry: Entry, usage: Usage): number {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWrite1h;
  const rate = entry.long_prompt && prompt > entry.long_prompt.above_tokens ? entry.long_prompt : entry;
  // Without a price of its own a cached token costs what any token costs.
  const { input, output, cache_read = input, cache_write = input, cache_write_1h = cache_write } = rate;
  const millionths =
    usage.input * input +
    usage.output * output +
    usage.cacheRead * cache_read +
    usage.cacheWrite * cache_write +
    usage.cacheWrite1h * cache_write_1h;
  return millionths / 1e6;
}

/** `us.anthropic.claude-opus-4-1-v1:0`, `openrouter/anthropic/claude-opus-4.1`, `models/gemini-2.5-pro` without the way to it. */
function bareName(model: string): string {
  const last = model.toLowerCase().split("/").at(-1) ?? "";
  const name = last.replace(
    /^(?:(?:us|eu|apac|global|au|jp)\.)?(?:anthropic|amazon|meta|mistral|deepseek|openai|google)\./,
    "",
  );
  return name.startsWith("claude") ? name.replaceAll(".", "-") : name;
}

/** A date or variant may follow, a further version number may not: a newer model has a price of its own. */
function startsWithModel(name: string, prefix: string): boolean {
  if (!name.startsWith(prefix)) return false;
  const rest = name.slice(prefix.length);
  return rest === "" || (/^[-@:[]/.test(rest) && !/^-\d{1,3}(?!\d)/.test(rest));
}
