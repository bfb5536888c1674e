import type { ReactNode } from "react";
import { formatDuration } from "@/lib/format";
import type { TaskDetail } from "@/lib/shape/task";
import { KeyValueList, type KeyValue } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";
import { TextLink } from "@/lib/ui/text-link";
import classes from "./request-panel.module.css";

/** What was asked for, as submitted. */
export function RequestPanel({ task }: { task: TaskDetail }) {
  return (
    <Panel title="Request" slug="request">
      {task.prompt.trim() === "" ? null : <pre className={classes.prompt}>{task.prompt}</pre>}
      <KeyValueList
        columns={2}
        items={[
          ...given("Recipe", task.recipe),
          ...given("Check", task.check),
          { label: "Files", value: task.files.length === 0 ? "the whole repository" : task.files.join(", ") },
          { label: "Time limit", value: formatDuration(task.timeout_seconds) },
          { label: "Retries", value: task.retries },
          { label: "Priority", value: task.priority },
          ...given("Idempotency key", task.idempotency_key),
          ...given("Run again from", originOf(task)),
          ...Object.entries(task.metadata).map(([key, value]) => ({ label: key, value: textOf(value) })),
        ]}
      />
    </Panel>
  );
}

/** A line only for what was asked for. */
function given(label: string, value: ReactNode): KeyValue[] {
  return value === null ? [] : [{ label, value }];
}

function originOf({ replay_of }: TaskDetail): ReactNode {
  if (replay_of === null) return null;
  return <TextLink href={`/tasks/${replay_of}`}>{replay_of.slice(0, 8)}</TextLink>;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
