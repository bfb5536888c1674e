import type { TimeWindow } from "@/lib/chart/time-range";
import type { Scope } from "@/lib/wasm/dashboard-options";

/** What every panel needs to know: which snapshot, and which window of it. */
export type View = { generation: number; window: TimeWindow };

export function scopeOf({ generation, window }: View): Scope {
  return { generation, range: { from_ms: window.fromMs, to_ms: window.toMs } };
}
