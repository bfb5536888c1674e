import { formatCount, formatDuration, formatPercent, NONE } from "@/lib/format";
import type { DatabaseStatus } from "@/lib/shape/health";
import { KeyValueList } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";
import { LevelBadge } from "./level-badge";
import { Moment } from "./moment";
import classes from "./monitoring.module.css";
import { Remedy } from "./remedy";

export function HealthPanel({ health }: { health: DatabaseStatus }) {
  return (
    <Panel
      title="Health"
      slug="health"
      subtitle={
        <>
          Checked <Moment at={health.timestamp} none={NONE} />
        </>
      }
      actions={
        <span role="status">
          <LevelBadge level={health.status} />
        </span>
      }
    >
      <Findings health={health} />
      <Figures health={health} />
    </Panel>
  );
}

function Findings({ health: { errors, warnings } }: { health: DatabaseStatus }) {
  if (errors.length + warnings.length === 0) return <p className={classes.calm}>Nothing needs attention.</p>;
  return (
    <ul className={classes.findings}>
      {errors.map((message) => (
        <Finding key={message} level="ERROR" message={message} />
      ))}
      {warnings.map((message) => (
        <Finding key={message} level="WARNING" message={message} />
      ))}
    </ul>
  );
}

function Finding({ level, message }: { level: "ERROR" | "WARNING"; message: string }) {
  return (
    <li>
      <LevelBadge level={level} />
      <div className={classes.finding}>
        {message}
        <Remedy message={message} />
      </div>
    </li>
  );
}

function Figures({ health: { database, executions, performance } }: { health: DatabaseStatus }) {
  // A schema version of 0 says that the database was not read: its zeros are no counts.
  const count = (value: number) => (database.schema_version === 0 ? NONE : formatCount(value));
  const rate = performance.daily_success_rate;
  const duration = performance.avg_duration_seconds;
  return (
    <KeyValueList
      columns={2}
      items={[
        { label: "Executions, total", value: count(executions.total) },
        { label: "In the last hour", value: count(executions.recent_1h) },
        { label: "In the last day", value: count(executions.daily) },
        { label: "In the last week", value: count(executions.weekly) },
        { label: "Daily success rate", value: rate === null ? null : formatPercent(rate * 100) },
        { label: "Daily mean duration", value: duration === null ? null : formatDuration(duration) },
      ]}
    />
  );
}
