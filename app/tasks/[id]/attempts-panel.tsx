import { Table } from "@mantine/core";
import { formatDuration, NONE } from "@/lib/format";
import type { Attempt, TaskDetail } from "@/lib/shape/task";
import { Panel } from "@/lib/ui/panel";
import { RelativeTime } from "@/lib/ui/relative-time";
import { StatusBadge } from "@/lib/ui/status-badge";
import tableClasses from "../data-table.module.css";

export function AttemptsPanel({ task }: { task: TaskDetail }) {
  if (task.attempts.length === 0) return null;
  return (
    <Panel title="Attempts" slug="attempts" subtitle={retriesOf(task)} flush>
      <div className={tableClasses.scroll} tabIndex={0} role="region" aria-label="Attempts, scrolls sideways">
        <Table classNames={{ table: tableClasses.table, th: tableClasses.th, td: tableClasses.td }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>No.</Table.Th>
              <Table.Th>Result</Table.Th>
              <Table.Th>Error</Table.Th>
              <Table.Th>Worker</Table.Th>
              <Table.Th className={tableClasses.number}>Exit code</Table.Th>
              <Table.Th className={tableClasses.number}>Duration</Table.Th>
              <Table.Th className={tableClasses.number}>When</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {task.attempts.map((attempt) => (
              <AttemptRow key={attempt.execution_id} attempt={attempt} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}

function retriesOf(task: TaskDetail): string {
  if (task.retries === 0) return "No retries were asked for.";
  return `At most ${task.retries + 1} attempts were asked for.`;
}

function AttemptRow({ attempt }: { attempt: Attempt }) {
  return (
    <Table.Tr>
      <Table.Td>{attempt.attempt}</Table.Td>
      <Table.Td>
        <StatusBadge status={attempt.success ? "succeeded" : "failed"} />
      </Table.Td>
      <Table.Td>{attempt.error_type ?? NONE}</Table.Td>
      <Table.Td className={tableClasses.line}>{attempt.worker_id ?? NONE}</Table.Td>
      <Table.Td className={tableClasses.number}>{attempt.exit_code ?? NONE}</Table.Td>
      <Table.Td className={tableClasses.number}>{formatDuration(attempt.duration_seconds)}</Table.Td>
      <Table.Td className={`${tableClasses.number} ${tableClasses.quiet}`}>
        <RelativeTime ms={Date.parse(attempt.timestamp)} />
      </Table.Td>
    </Table.Tr>
  );
}
