"use client";

import { Progress, Skeleton } from "@mantine/core";
import { formatBytes } from "@/lib/format";
import type { LoadProgress } from "@/lib/wasm/snapshot-store";
import { useSnapshotState } from "@/lib/wasm/use-snapshot";
import classes from "./dashboard.module.css";

export function LoadingView() {
  const progress = useSnapshotState("progress");
  const percent =
    progress === null || progress.bytesTotal === 0 ? 0 : (100 * progress.bytesDone) / progress.bytesTotal;
  return (
    <div className={classes.loading} aria-busy>
      <Progress value={percent} size={4} aria-label="Loading the snapshot" />
      <p role="status">{progressWords(progress)}</p>
      <div className={classes.kpis} aria-hidden>
        {["a", "b", "c", "d"].map((key) => (
          <Skeleton key={key} height={98} radius={8} />
        ))}
      </div>
      <div className={classes.skeletons} aria-hidden>
        <Skeleton height={300} radius={8} />
        <Skeleton height={300} radius={8} />
      </div>
    </div>
  );
}

function progressWords(progress: LoadProgress | null): string {
  if (progress === null) return "Starting the database in your browser";
  const parts = `${progress.partsDone} of ${progress.partsTotal} parts`;
  return `Loading the snapshot: ${parts}, ${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesTotal)}`;
}
