"use client";

import { parseAsStringLiteral, useQueryState } from "nuqs";
import { useMemo } from "react";
import { RANGES, timeWindow, type RangeName, type TimeWindow } from "@/lib/chart/time-range";
import { useNow } from "@/lib/ui/use-now";
import type { SnapshotInfo } from "@/lib/wasm/snapshot-store";

const MINUTE_MS = 60_000;

export function useRange(): { range: RangeName; setRange: (range: RangeName) => void } {
  const [range, setRange] = useQueryState("range", parseAsStringLiteral(RANGES).withDefault("24h"));
  return { range, setRange: (next) => void setRange(next) };
}

/** The window the range in the URL names now; it moves on once a minute. */
export function useWindow(range: RangeName, snapshot: SnapshotInfo): TimeWindow {
  const nowMs = useNow(MINUTE_MS) ?? snapshot.createdAtMs;
  const { minMs, maxMs } = snapshot.executions;
  return useMemo(() => timeWindow(range, nowMs, { minMs, maxMs }), [range, nowMs, minMs, maxMs]);
}
