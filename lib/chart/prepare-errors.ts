import { formatCount, formatPercent } from "@/lib/format";

export type ErrorFigures = {
  error_type: string;
  failed: number;
  last_seen_ms: number;
  last_message: string | null;
  total_types: number;
  total_failed: number;
};

export type ErrorItem = {
  type: string;
  name: string;
  count: string;
  share: string;
  fraction: number;
  lastSeenMs: number;
  message: string | null;
};

export type ErrorsModel = { items: ErrorItem[]; cap: string | null };

/** Kinds of failure, most frequent first. Shares are of every failure in the window, not only of those listed. */
export function prepareErrors(rows: readonly ErrorFigures[]): ErrorsModel {
  const most = Math.max(1, ...rows.map((row) => row.failed));
  const total = rows[0]?.total_types ?? 0;
  return {
    items: rows.map((row) => ({
      type: row.error_type,
      name: errorName(row.error_type),
      count: formatCount(row.failed),
      share: formatPercent((100 * row.failed) / row.total_failed, 0),
      fraction: row.failed / most,
      lastSeenMs: row.last_seen_ms,
      message: row.last_message,
    })),
    cap: capWords(rows.length, total),
  };
}

/** `quality_gate` reads `Quality gate`. */
export function errorName(type: string): string {
  const words = type.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `6 of 9`, or null when everything is shown. */
export function capWords(shown: number, total: number): string | null {
  return shown >= total ? null : `${formatCount(shown)} of ${formatCount(total)}`;
}
