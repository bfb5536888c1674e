"use client";

import { useQuery } from "@tanstack/react-query";
import { sentenceOf } from "@/lib/api/request";
import { problemOf } from "@/lib/errors";
import { formatUtc } from "@/lib/format";
import type { MonitoringView } from "@/lib/shape/monitoring";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { AlertsPanel } from "./alerts-panel";
import { HealthPanel } from "./health-panel";
import { KeepingPanel } from "./keeping-panel";
import classes from "./monitoring.module.css";
import { monitoringQuery } from "./monitoring-query";
import { StoragePanel } from "./storage-panel";
import { WritingPanel } from "./writing-panel";

/** What was read last stays on the page whatever happens to the next reading. */
export function MonitoringBoard({ initialView }: { initialView: MonitoringView }) {
  const query = useQuery({
    ...monitoringQuery(),
    initialData: initialView,
    initialDataUpdatedAt: Date.parse(initialView.health.timestamp),
  });
  const view = query.data;
  return (
    <div className={classes.page}>
      {query.error ? (
        <StaleNotice
          error={query.error}
          readAt={view.health.timestamp}
          onRetry={() => void query.refetch({ cancelRefetch: false })}
        />
      ) : null}
      <HealthPanel health={view.health} />
      <div className={classes.columns}>
        <WritingPanel writes={view.writes} />
        <StoragePanel storage={view.storage} database={view.health.database} />
        <KeepingPanel
          snapshot={view.snapshot}
          retention={view.retention}
          lastBackupAt={view.last_backup_at}
        />
      </div>
      <AlertsPanel alerts={view.alerts} />
    </div>
  );
}

type StaleNoticeProps = { error: unknown; readAt: string; onRetry: () => void };

function StaleNotice({ error, readAt, onRetry }: StaleNoticeProps) {
  const unreachable = problemOf(error)?.status === 503;
  return (
    <ErrorNotice
      tone="warning"
      title={unreachable ? "The server cannot be reached" : "The figures could not be read again"}
      description={`${sentenceOf(error)} What you see is from ${formatUtc(Date.parse(readAt))}; it is brought up to date by itself.`}
      onRetry={onRetry}
    />
  );
}
