import { parseAsString, parseAsStringLiteral, type inferParserType } from "nuqs/server";
import { REPORT_FORMATS, REPORTS } from "@/lib/shape/report";

/** The page's state in the URL. Dates are `YYYY-MM-DD`, both days included. */
export const reportParsers = {
  report: parseAsStringLiteral(REPORTS).withDefault("executions"),
  format: parseAsStringLiteral(REPORT_FORMATS).withDefault("parquet"),
  from: parseAsString.withDefault(""),
  to: parseAsString.withDefault(""),
  repo: parseAsString.withDefault(""),
};

export type ReportState = inferParserType<typeof reportParsers>;

/** The download's address, or what is wrong with the range. */
export function reportLink({
  report,
  format,
  from,
  to,
  repo,
}: ReportState): { href: string } | { problem: string } {
  if ([from, to].some((date) => date !== "" && Number.isNaN(Date.parse(date)))) {
    return { problem: "A date is written like 2026-01-31." };
  }
  if (from !== "" && to !== "" && from > to) return { problem: "The first day is later than the last day." };
  const search = new URLSearchParams();
  if (from !== "") search.set("from", from);
  if (to !== "") search.set("to", to);
  if (repo !== "") search.set("repo", repo);
  const query = search.size === 0 ? "" : `?${search.toString()}`;
  return { href: `/api/reports/${report}.${format}${query}` };
}

export type RangePreset = { label: string; days: number | null };

export const RANGE_PRESETS: readonly RangePreset[] = [
  { label: "Today", days: 1 },
  { label: "7 days", days: 7 },
  { label: "30 days", days: 30 },
  { label: "90 days", days: 90 },
  { label: "All", days: null },
];

const DAY_MS = 86_400_000;

/** The UTC days of a preset that ends today. */
export function presetRange({ days }: RangePreset, nowMs: number): { from: string; to: string } {
  if (days === null) return { from: "", to: "" };
  return { from: utcDay(nowMs - (days - 1) * DAY_MS), to: utcDay(nowMs) };
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
