"use client";

import { formatRelativeTime, formatUtc } from "@/lib/format";
import { useNow } from "./use-now";

type RelativeTimeProps = {
  /** Epoch milliseconds. */
  ms: number;
  testId?: string;
};

/** `12 s ago`, ticking; the full time is in the tooltip and for machines. */
export function RelativeTime({ ms, testId }: RelativeTimeProps) {
  const now = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatUtc(ms)} data-testid={testId}>
      {now === null ? formatUtc(ms) : formatRelativeTime(ms, now)}
    </time>
  );
}
