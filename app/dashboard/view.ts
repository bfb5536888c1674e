import type { TimeWindow } from "@/lib/chart/time-range";
import type { Scope } from "@/lib/wasm/dashboard-options";

/** What every panel needs to know: which snapshot, and which window of it. */
export type View = { snapshot: string; window: TimeWindow };

export function scopeOf({ snapshot, window }: View): Scope {
  return { snapshot, range: { from_ms: window.fromMs, to_ms: window.toMs } };
}
