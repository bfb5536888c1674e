import type { ReactNode } from "react";
import { formatDuration, formatUtc, NONE } from "@/lib/format";
import { FINAL_STATUSES, type TaskDetail } from "@/lib/shape/task";
import { RelativeTime } from "@/lib/ui/relative-time";
import { Elapsed } from "../task-table";
import classes from "./timeline.module.css";

/** When the task was created, started and finished, and how long it waited and ran. */
export function Timeline({ task }: { task: TaskDetail }) {
  return (
    <ol className={classes.timeline} aria-label="Timeline" data-testid="panel-timeline">
      <Moment label="Created" at={task.created_at} />
      <Span label="waited">
        <Waited task={task} />
      </Span>
      <Moment label="Started" at={task.started_at} />
      <Span label="ran">
        <Ran task={task} />
      </Span>
      <Moment label="Finished" at={task.finished_at} />
    </ol>
  );
}

function Moment({ label, at }: { label: string; at: string | null }) {
  const ms = at === null ? null : Date.parse(at);
  return (
    <li className={classes.moment} data-reached={ms !== null}>
      <span className={classes.label}>{label}</span>
      {ms === null ? (
        NONE
      ) : (
        <>
          <RelativeTime ms={ms} />
          <span className={classes.exact}>{formatUtc(ms)}</span>
        </>
      )}
    </li>
  );
}

function Span({ label, children }: { label: string; children: ReactNode }) {
  return (
    <li className={classes.span}>
      <span>
        {label} {children}
      </span>
    </li>
  );
}

function Waited({ task }: { task: TaskDetail }) {
  if (task.started_at !== null) return formatDuration(secondsBetween(task.created_at, task.started_at));
  if (FINAL_STATUSES.includes(task.status)) return NONE;
  return <Elapsed since={task.created_at} />;
}

function Ran({ task }: { task: TaskDetail }) {
  if (task.started_at === null) return NONE;
  if (task.duration_seconds !== null) return formatDuration(task.duration_seconds);
  if (task.finished_at !== null) return formatDuration(secondsBetween(task.started_at, task.finished_at));
  return <Elapsed since={task.started_at} />;
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}
