import { formatBytes } from "@/lib/format";
import type { DatabaseStatus } from "@/lib/shape/health";
import type { MonitoringView } from "@/lib/shape/monitoring";
import { KeyValueList } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";
import classes from "./monitoring.module.css";

type StoragePanelProps = { storage: MonitoringView["storage"]; database: DatabaseStatus["database"] };

export function StoragePanel({ storage, database }: StoragePanelProps) {
  return (
    <Panel title="Storage" slug="storage" subtitle="What the data directory holds">
      <KeyValueList
        items={[
          { label: "Database", value: formatMegabytes(storage.database_mb) },
          { label: "Snapshots", value: formatMegabytes(storage.snapshots_mb) },
          { label: "Archive", value: formatMegabytes(storage.archive_mb) },
          { label: "Task output", value: formatMegabytes(storage.logs_mb) },
          { label: "Disk free", value: formatMegabytes(storage.disk_free_mb) },
          { label: "Database file", value: <code className={classes.code}>{database.path}</code> },
        ]}
      />
    </Panel>
  );
}

/** In the API's own MB, so that the figure is the one in messages and limits. */
function formatMegabytes(megabytes: number): string {
  return formatBytes(Math.round(megabytes * 1_000_000));
}
