import { formatCount, pluralize } from "@/lib/format";
import { bucketLabel, DAY_MS, HOUR_MS, tickLabel, type TimeWindow } from "./time-range";
import { scaleFromZero, thinOut, type Scale } from "./ticks";

export type BucketedWindow = Pick<TimeWindow, "fromMs" | "toMs" | "bucketMs">;

export type TimeBucket = { bucket_start_ms: number; succeeded: number; failed: number };

type OverTimePoint = {
  startMs: number;
  /** Full words for the tooltip and the table. */
  label: string;
  succeeded: number;
  failed: number;
  /** Percent; null where nothing ran, because a rate of nothing is not zero. */
  successRate: number | null;
};

export type OverTimeModel = {
  points: OverTimePoint[];
  /** Starts of the buckets that get a label. */
  ticks: number[];
  tickLabels: Record<number, string>;
  counts: Scale;
  total: number;
  succeeded: number;
  /** One sentence that says what the chart shows. */
  summary: string;
};

// As many as stay apart on a phone.
const LABELS_MAX = 7;
/** Counts of buckets between labels that read well: halves and quarters of an hour or a day. */
const STRIDES = [1, 2, 4, 5, 8, 10, 15, 20, 30, 60] as const;

/**
 * Executions per bucket. A count is additive, so a bucket without rows is a true zero and is drawn as one;
 * a success rate is not, so there it is a gap. Without this, a quiet night reads as an outage or as a perfect score.
 */
export function prepareOverTime(rows: readonly TimeBucket[], window: BucketedWindow): OverTimeModel {
  const known = new Map(rows.map((row) => [row.bucket_start_ms, row]));
  const points = bucketStarts(window).map((startMs) => toPoint(startMs, known.get(startMs), window.bucketMs));
  const ticks = labelledStarts(points, window.bucketMs);
  const total = points.reduce((sum, point) => sum + point.succeeded + point.failed, 0);
  const succeeded = points.reduce((sum, point) => sum + point.succeeded, 0);
  return {
    points,
    ticks,
    tickLabels: Object.fromEntries(ticks.map((ms) => [ms, tickLabel(ms, window.bucketMs)])),
    counts: scaleFromZero(Math.max(0, ...points.map((point) => point.succeeded + point.failed)), {
      whole: true,
    }),
    total,
    succeeded,
    summary: `${pluralize(total, "execution")}: ${formatCount(succeeded)} succeeded, ${formatCount(total - succeeded)} failed`,
  };
}

function labelledStarts(points: readonly OverTimePoint[], bucketMs: number): number[] {
  const starts = points.map((point) => point.startMs);
  if (bucketMs >= DAY_MS) return thinOut(starts, LABELS_MAX);
  if (bucketMs >= HOUR_MS) {
    const labels = starts.map((ms) => tickLabel(ms, bucketMs));
    return thinOut(
      starts.filter((_, index) => index > 0 && labels[index] !== labels[index - 1]),
      LABELS_MAX,
    );
  }
  const stride = STRIDES.find((every) => starts.length / every <= LABELS_MAX) ?? 60;
  return starts.filter((ms) => (ms / bucketMs) % stride === 0);
}

function bucketStarts({ fromMs, toMs, bucketMs }: BucketedWindow): number[] {
  const starts: number[] = [];
  for (let ms = Math.floor(fromMs / bucketMs) * bucketMs; ms < toMs; ms += bucketMs) starts.push(ms);
  return starts;
}

function toPoint(startMs: number, row: TimeBucket | undefined, bucketMs: number): OverTimePoint {
  const succeeded = row?.succeeded ?? 0;
  const failed = row?.failed ?? 0;
  const ran = succeeded + failed;
  return {
    startMs,
    label: bucketLabel(startMs, bucketMs),
    succeeded,
    failed,
    successRate: ran === 0 ? null : (100 * succeeded) / ran,
  };
}
