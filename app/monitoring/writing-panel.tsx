import { formatCount, pluralize } from "@/lib/format";
import type { MonitoringView } from "@/lib/shape/monitoring";
import { KeyValueList } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";
import { ToneBadge } from "@/lib/ui/status-badge";
import { Moment } from "./moment";
import classes from "./monitoring.module.css";

export function WritingPanel({ writes }: { writes: MonitoringView["writes"] }) {
  return (
    <Panel title="Writing" slug="writing" subtitle="What the database has taken, and what waits for it">
      <KeyValueList
        items={[
          { label: "Pending", value: formatCount(writes.pending) },
          { label: "Last commit", value: <Moment at={writes.last_commit_at} none="none since the start" /> },
          { label: "Committed", value: pluralize(writes.committed_operations, "operation") },
          { label: "Last error", value: writes.last_error ?? "none" },
          { label: "Spool", value: <Spool spooled={writes.spooled} problem={writes.spool_problem} /> },
        ]}
      />
    </Panel>
  );
}

function Spool({ spooled, problem }: { spooled: number; problem: string | null }) {
  if (spooled === 0 && problem === null) return "empty";
  return (
    <>
      <ToneBadge label={spooled === 0 ? "empty" : `${pluralize(spooled, "outcome")} kept`} tone="warning" />
      {problem === null ? null : <span className={classes.problem}>{problem}</span>}
    </>
  );
}
