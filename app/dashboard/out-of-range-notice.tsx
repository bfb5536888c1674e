"use client";

import { Button } from "@mantine/core";
import type { TimeWindow } from "@/lib/chart/time-range";
import { RelativeTime } from "@/lib/ui/relative-time";
import type { SnapshotInfo } from "@/lib/wasm/snapshot-store";
import classes from "./dashboard.module.css";
import { useRange } from "./use-window";

type OutOfRangeNoticeProps = { window: TimeWindow; snapshot: SnapshotInfo };

/** Everything there is lies before the window: say so, instead of a page of zeros. */
export function OutOfRangeNotice({ window, snapshot }: OutOfRangeNoticeProps) {
  const { setRange } = useRange();
  const { maxMs } = snapshot.executions;
  if (maxMs === null || maxMs >= window.fromMs) return null;
  return (
    <div className={classes.outOfRange}>
      <p>
        Nothing ran in the {window.words}. The newest execution is from <RelativeTime ms={maxMs} />.
      </p>
      <Button size="xs" variant="default" onClick={() => setRange("all")}>
        Show all time
      </Button>
    </div>
  );
}
