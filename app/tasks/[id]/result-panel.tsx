import { formatBytes, formatDuration, formatUsd } from "@/lib/format";
import type { TaskDetail } from "@/lib/shape/task";
import { KeyValueList } from "@/lib/ui/key-value-list";
import { Panel } from "@/lib/ui/panel";

const BYTES_PER_MB = 1_000_000;

/** What the last attempt cost and gave; what nothing measured shows as absent. */
export function ResultPanel({ task }: { task: TaskDetail }) {
  return (
    <Panel title="Result" slug="result">
      <KeyValueList
        items={[
          ...(task.summary === null ? [] : [{ label: "Summary", value: task.summary }]),
          { label: "Exit code", value: task.exit_code },
          { label: "Quality", value: task.quality_score === null ? null : `${task.quality_score} of 100` },
          { label: "Cost", value: shown(task.cost_usd, formatUsd) },
          { label: "Run time", value: shown(task.duration_seconds, formatDuration) },
          { label: "CPU time", value: shown(task.cpu_time_seconds, formatDuration) },
          { label: "Peak memory", value: shown(task.peak_memory_mb, (mb) => formatBytes(mb * BYTES_PER_MB)) },
          { label: "Worker", value: task.worker_id },
        ]}
      />
    </Panel>
  );
}

function shown(value: number | null, format: (value: number) => string): string | null {
  return value === null ? null : format(value);
}
