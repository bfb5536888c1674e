import "server-only";
import { jsonDocuments } from "./json-file";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "./item";
import { callItem, NO_USAGE, type ModelCall } from "./model-call";
import type { Usage } from "./prices";
import { amountOf, countOf, isObject, reject, stableId, toMs } from "./values";

const SOURCE = "ccusage";
const DAY_MS = 86_400_000;
/** Sections of ccusage's output, and what one entry of each is. */
const KINDS: Record<string, string> = {
  daily: "daily",
  weekly: "weekly",
  monthly: "monthly",
  session: "session",
  sessions: "session",
  blocks: "block",
};

type Section = { kind: string; project: string | null; entries: unknown[] };
type Entry = { kind: string; project: string | null; value: Record<string, unknown>; reference: string };

/** Usage as `ccusage … --json` prints it: one execution per entry and model. @throws WrongInput */
export async function* readCcusage(file: string, options: ReadOptions): ImportItems {
  for await (const document of jsonDocuments(file)) {
    if ("damage" in document) {
      yield reject(`line ${document.line}`, document.damage);
      continue;
    }
    const sections = sectionsOf(document.value);
    if (sections.length === 0) {
      throw new WrongInput(
        `${file} is not what ccusage prints with --json: it has none of ${Object.keys(KINDS).join(", ")}`,
      );
    }
    for (const section of sections) yield* readSection(section, options);
  }
}

function sectionsOf(value: unknown): Section[] {
  if (!isObject(value)) return [];
  // Older versions print {type, data}; with --instances the days are grouped by project.
  const typed = typeof value.type === "string" ? KINDS[value.type] : undefined;
  if (typed !== undefined && Array.isArray(value.data))
    return [{ kind: typed, project: null, entries: value.data }];
  const named = Object.entries(KINDS).flatMap(([key, kind]) =>
    Array.isArray(value[key]) ? [{ kind, project: null, entries: value[key] as unknown[] }] : [],
  );
  const projects = isObject(value.projects) ? Object.entries(value.projects) : [];
  return [
    ...named,
    ...projects.flatMap(([project, entries]) =>
      Array.isArray(entries) ? [{ kind: "daily", project, entries }] : [],
    ),
  ];
}

function* readSection({ kind, project, entries }: Section, options: ReadOptions): Iterable<ImportItem> {
  for (const [i, value] of entries.entries()) {
    const reference = `${kind} ${i + 1}`;
    if (!isObject(value)) yield reject(reference, "is not an object");
    else if (value.isGap === true) yield { note: "a gap between blocks has no usage and was passed over" };
    else yield* readEntry({ kind, project, value, reference }, options);
  }
}

function* readEntry(entry: Entry, options: ReadOptions): Iterable<ImportItem> {
  const { value } = entry;
  const key = naturalKey(value);
  const { endedAt, isOver } = timeOf(entry, options.now);
  if (key === null || endedAt === null) {
    yield reject(entry.reference, "has no date, session or start that tells it apart");
    return;
  }
  if (!isOver) {
    yield { note: "a day, week, month or block that is not over was left for a later import" };
    return;
  }
  const breakdowns = Array.isArray(value.modelBreakdowns) ? value.modelBreakdowns.filter(isObject) : [];
  const parts = breakdowns.length > 0 ? breakdowns : [value];
  for (const part of parts) yield callItem(entry.reference, callOf(entry, part, key, endedAt), options);
}

function callOf(entry: Entry, part: Record<string, unknown>, key: string, endedAt: number): ModelCall {
  const { kind, project, value } = entry;
  const models = modelsOf(value);
  const model = textOf(part.modelName) ?? (models.length === 1 ? textOf(models[0]) : null);
  return {
    taskId: stableId(SOURCE, kind, project ?? "", key, model ?? ""),
    source: SOURCE,
    endedAt,
    durationSeconds: 0,
    type: `${kind}_usage`,
    description: null,
    neutralDescription: `ccusage ${kind} usage`,
    repo: project ?? textOf(value.projectPath),
    provider: model?.startsWith("claude") ? "anthropic" : null,
    model,
    usage: usageOf(isObject(part.tokenCounts) ? part.tokenCounts : part),
    cost: amountOf(part.cost ?? part.totalCost ?? part.costUSD),
    failure: null,
    metadata: { period: key, models: model === null ? models : null },
  };
}

function modelsOf(value: Record<string, unknown>): unknown[] {
  return ([value.modelsUsed, value.models].find(Array.isArray) ?? []) as unknown[];
}

function usageOf(counts: Record<string, unknown>): Usage {
  return {
    ...NO_USAGE,
    input: countOf(counts.inputTokens),
    output: countOf(counts.outputTokens),
    cacheRead: countOf(counts.cacheReadTokens ?? counts.cacheReadInputTokens),
    cacheWrite: countOf(counts.cacheCreationTokens ?? counts.cacheCreationInputTokens),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function naturalKey(value: Record<string, unknown>): string | null {
  const found = [value.date, value.sessionId, value.week, value.month, value.startTime, value.id].find(
    (candidate) => typeof candidate === "string" && candidate !== "",
  );
  return typeof found === "string" ? found : null;
}

/** When an entry ended; one that still grows would be stored too small and never corrected. */
function timeOf({ kind, value }: Entry, now: number): { endedAt: number | null; isOver: boolean } {
  if (kind === "session") return { endedAt: toMs(value.lastActivity), isOver: true };
  if (kind === "block") {
    const ended = toMs(value.actualEndTime ?? value.endTime);
    return { endedAt: ended, isOver: value.isActive !== true };
  }
  const start = startOf(kind, value);
  if (start === null) return { endedAt: null, isOver: true };
  const end = endOf(kind, start);
  return { endedAt: start, isOver: end <= now };
}

function startOf(kind: string, value: Record<string, unknown>): number | null {
  const text = kind === "monthly" ? (value.month ?? value.date) : (value.date ?? value.week);
  return typeof text === "string" && /^\d{4}-\d{2}$/.test(text) ? toMs(`${text}-01`) : toMs(text);
}

function endOf(kind: string, start: number): number {
  if (kind === "daily") return start + DAY_MS;
  if (kind === "weekly") return start + 7 * DAY_MS;
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
