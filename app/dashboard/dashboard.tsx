"use client";

import { PageHeader } from "@/lib/ui/page-header";
import { useFreshSnapshot, useSnapshotState } from "@/lib/wasm/use-snapshot";
import type { SnapshotInfo } from "@/lib/wasm/snapshot-store";
import classes from "./dashboard.module.css";
import { EmptyDashboard } from "./empty-dashboard";
import { ErrorsPanel } from "./errors-panel";
import { FailureNotice, StaleNotice } from "./failure-notice";
import { KpiRow } from "./kpi-row";
import { LatestPanel } from "./latest-panel";
import { LoadingView } from "./loading-view";
import { OutOfRangeNotice } from "./out-of-range-notice";
import { OverTimePanels } from "./over-time-panels";
import { PoolPanel } from "./pool-panel";
import { RangePicker } from "./range-picker";
import { SnapshotStatus } from "./snapshot-status";
import { TierPanels } from "./tier-panels";
import { useRange, useWindow } from "./use-window";

/** The page's states: loading, failed, empty, and the figures; those stay while a later load fails. */
export function Dashboard() {
  useFreshSnapshot();
  const snapshot = useSnapshotState("snapshot");
  const error = useSnapshotState("error");
  return (
    <>
      <PageHeader
        title="Dashboard"
        description={
          snapshot === null ? (
            "Executions, quality and cost"
          ) : (
            <SnapshotStatus snapshot={snapshot} stale={error !== null} />
          )
        }
        actions={<RangePicker />}
      />
      {error === null ? null : snapshot === null ? (
        <FailureNotice error={error} />
      ) : (
        <StaleNotice error={error} snapshot={snapshot} />
      )}
      {snapshot === null && error === null ? <LoadingView /> : null}
      {snapshot === null ? null : <Figures snapshot={snapshot} />}
    </>
  );
}

function Figures({ snapshot }: { snapshot: SnapshotInfo }) {
  const { range } = useRange();
  const window = useWindow(range, snapshot);
  // A restored database may count its generations anew.
  const view = { snapshot: `${snapshot.generation}/${snapshot.createdAtMs}`, window };
  // An answer is kept for as long as its snapshot is shown: nothing is asked of rows that are still on their way.
  const fromMs = window.previous?.fromMs ?? window.fromMs;
  if (fromMs < (snapshot.loadedFromMs ?? -Infinity)) return <LoadingView />;
  if (snapshot.executions.rows === 0) {
    return (
      <>
        <KpiRow {...view} />
        <EmptyDashboard />
      </>
    );
  }
  return (
    <>
      <OutOfRangeNotice window={window} snapshot={snapshot} />
      <KpiRow {...view} />
      <div className={classes.grid}>
        <OverTimePanels {...view} />
        <TierPanels {...view} />
        <ErrorsPanel {...view} />
        <PoolPanel {...view} />
        <LatestPanel {...view} />
      </div>
    </>
  );
}
