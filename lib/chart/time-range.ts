import { formatLocalTime } from "@/lib/format";

export const RANGES = ["1h", "24h", "7d", "30d", "90d", "all"] as const;
export type RangeName = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const SPANS_MS: Record<Exclude<RangeName, "all">, { spanMs: number; bucketMs: number; words: string }> = {
  "1h": { spanMs: HOUR_MS, bucketMs: MINUTE_MS, words: "last hour" },
  "24h": { spanMs: DAY_MS, bucketMs: 30 * MINUTE_MS, words: "last 24 hours" },
  "7d": { spanMs: 7 * DAY_MS, bucketMs: 3 * HOUR_MS, words: "last 7 days" },
  "30d": { spanMs: 30 * DAY_MS, bucketMs: DAY_MS, words: "last 30 days" },
  "90d": { spanMs: 90 * DAY_MS, bucketMs: DAY_MS, words: "last 90 days" },
};

/** Widths for `all`, narrowest first; the first that gives at most MAX_BUCKETS is taken. */
const WIDTHS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  3 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  28 * DAY_MS,
] as const;
const MAX_BUCKETS = 100;
const WIDEST_MS = 364 * DAY_MS;

export type TimeWindow = {
  /** Epoch milliseconds: from inclusive, to exclusive. */
  fromMs: number;
  toMs: number;
  bucketMs: number;
  /** `last 24 hours` */
  words: string;
  /** The window of the same length just before, to compare with; null for `all`. */
  previous: { fromMs: number; toMs: number } | null;
};

/**
 * The window a range names at a moment. It ends at the next whole minute, so that it changes once a minute
 * and what has just happened is inside it.
 */
export function timeWindow(
  range: RangeName,
  nowMs: number,
  data: { minMs: number | null; maxMs: number | null },
): TimeWindow {
  const toMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  if (range === "all") return wholeWindow(toMs, data);
  const { spanMs, bucketMs, words } = SPANS_MS[range];
  const fromMs = toMs - spanMs;
  return { fromMs, toMs, bucketMs, words, previous: { fromMs: fromMs - spanMs, toMs: fromMs } };
}

function wholeWindow(nowMs: number, data: { minMs: number | null; maxMs: number | null }): TimeWindow {
  // A clock elsewhere may be ahead of this one: everything means everything.
  const toMs = Math.max(nowMs, (data.maxMs ?? 0) + 1);
  const fromMs = Math.floor((data.minMs ?? toMs - HOUR_MS) / MINUTE_MS) * MINUTE_MS;
  const bucketMs = WIDTHS_MS.find((width) => (toMs - fromMs) / width <= MAX_BUCKETS) ?? WIDEST_MS;
  return { fromMs, toMs, bucketMs, words: "all time", previous: null };
}

/** `per minute`, `per 30 min`, `per day (UTC)` */
export function bucketWords(bucketMs: number): string {
  if (bucketMs === MINUTE_MS) return "per minute";
  if (bucketMs < HOUR_MS) return `per ${bucketMs / MINUTE_MS} min`;
  if (bucketMs < DAY_MS) return `per ${bucketMs / HOUR_MS} h`;
  if (bucketMs === DAY_MS) return "per day (UTC)";
  return `per ${bucketMs / DAY_MS} days (UTC)`;
}

const DAY_LABEL = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const DAY_YEAR_LABEL = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const CLOCK_LABEL = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const WEEKDAY_LABEL = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" });

/** Short label under an axis. Days and longer are UTC days, as the buckets are; shorter ones the reader's time. */
export function tickLabel(ms: number, bucketMs: number): string {
  if (bucketMs >= DAY_MS) return DAY_LABEL.format(ms);
  if (bucketMs >= HOUR_MS) return WEEKDAY_LABEL.format(ms);
  return CLOCK_LABEL.format(ms);
}

/** Full label of a bucket, for tooltips and tables. */
export function bucketLabel(startMs: number, bucketMs: number): string {
  if (bucketMs === DAY_MS) return DAY_YEAR_LABEL.format(startMs);
  if (bucketMs > DAY_MS)
    return `${DAY_LABEL.format(startMs)} to ${DAY_YEAR_LABEL.format(startMs + bucketMs - DAY_MS)}`;
  return `${formatLocalTime(startMs)} to ${CLOCK_LABEL.format(startMs + bucketMs)}`;
}
