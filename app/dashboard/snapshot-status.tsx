"use client";

import { pluralize } from "@/lib/format";
import { RelativeTime } from "@/lib/ui/relative-time";
import type { SnapshotInfo } from "@/lib/wasm/snapshot-store";
import { useSnapshotState } from "@/lib/wasm/use-snapshot";
import classes from "./dashboard.module.css";

type SnapshotStatusProps = { snapshot: SnapshotInfo; stale: boolean };

export function SnapshotStatus({ snapshot, stale }: SnapshotStatusProps) {
  const progress = useSnapshotState("progress");
  return (
    <span className={classes.status}>
      <span className={classes.dot} data-stale={stale ? "" : undefined} aria-hidden />
      <span>
        Snapshot{" "}
        <span data-testid="snapshot-generation" data-value={snapshot.generation} className="tabular">
          {snapshot.generation}
        </span>
        , <RelativeTime ms={snapshot.createdAtMs} testId="snapshot-age" />
      </span>
      <span className={classes.statusRows}>
        {progress === null
          ? `${pluralize(snapshot.executions.rows, "execution")} in all`
          : `loading older days, ${progress.partsDone} of ${progress.partsTotal}`}
      </span>
    </span>
  );
}
