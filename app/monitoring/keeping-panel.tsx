import { formatCount, NONE, pluralize } from "@/lib/format";
import type { MonitoringView } from "@/lib/shape/monitoring";
import { KeyValueList } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";
import { Moment } from "./moment";
import classes from "./monitoring.module.css";

type KeepingPanelProps = Pick<MonitoringView, "snapshot" | "retention"> & { lastBackupAt: string | null };

export function KeepingPanel({ snapshot, retention, lastBackupAt }: KeepingPanelProps) {
  return (
    <Panel title="Snapshot and retention" slug="keeping" subtitle="What is published, archived and backed up">
      <KeyValueList
        items={[
          {
            label: "Snapshot",
            value: snapshot === null ? "none yet" : `generation ${formatCount(snapshot.generation)}`,
          },
          { label: "Published", value: <Moment at={snapshot?.created_at ?? null} none={NONE} /> },
          { label: "Retention", value: pluralize(retention.days, "day") },
          {
            label: "Archived",
            value: `${pluralize(retention.archived_files, "file")}, ${pluralize(retention.archived_rows, "row")}`,
          },
          { label: "Last backup", value: <LastBackup at={lastBackupAt} /> },
        ]}
      />
    </Panel>
  );
}

function LastBackup({ at }: { at: string | null }) {
  if (at !== null) return <Moment at={at} none={NONE} />;
  return (
    <>
      never
      <span className={classes.hint}>
        Make one with <code>npx poolwise backup &lt;dir&gt;</code>
      </span>
    </>
  );
}
