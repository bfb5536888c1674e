import { Table } from "@mantine/core";
import Link from "next/link";
import { formatDuration, NONE } from "@/lib/format";
import type { Task } from "@/lib/shape/task";
import { RelativeTime } from "@/lib/ui/relative-time";
import { StatusBadge } from "@/lib/ui/status-badge";
import { useNow } from "@/lib/ui/use-now";
import tableClasses from "./data-table.module.css";
import classes from "./task-list.module.css";
import { taskSubtitle, taskTitle } from "./task-title";

/** Rows on a wide screen, cards on a narrow one, from the same markup. */
export function TaskTable({ tasks }: { tasks: Task[] }) {
  return (
    <Table
      className={classes.table}
      classNames={{ table: tableClasses.table, th: tableClasses.th, td: tableClasses.td }}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Status</Table.Th>
          <Table.Th>Task</Table.Th>
          <Table.Th>Repository</Table.Th>
          <Table.Th>Tier</Table.Th>
          <Table.Th>Pool</Table.Th>
          <Table.Th className={tableClasses.number}>Duration</Table.Th>
          <Table.Th className={tableClasses.number}>Submitted</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tasks.map((task) => (
          <TaskRow key={task.task_id} task={task} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function TaskRow({ task }: { task: Task }) {
  const subtitle = taskSubtitle(task);
  return (
    <Table.Tr className={classes.row}>
      <Table.Td className={classes.status}>
        <StatusBadge status={task.status} />
      </Table.Td>
      <Table.Td className={classes.what}>
        <Link href={`/tasks/${task.task_id}`} className={classes.link} prefetch={false}>
          {taskTitle(task)}
        </Link>
        {subtitle === null ? null : <span className={classes.subtitle}>{subtitle}</span>}
        {task.status === "queued" && task.waiting_reason ? (
          <span className={classes.subtitle}>Waiting: {task.waiting_reason}</span>
        ) : null}
        {task.error_message ? <span className={classes.error}>{task.error_message}</span> : null}
      </Table.Td>
      <Table.Td className={classes.fact}>{task.repo}</Table.Td>
      <Table.Td className={classes.fact}>{task.tier}</Table.Td>
      <Table.Td className={classes.fact}>{task.pool_name}</Table.Td>
      <Table.Td className={`${classes.fact} ${tableClasses.number}`}>
        <TaskDuration task={task} />
      </Table.Td>
      <Table.Td className={`${classes.when} ${tableClasses.number}`}>
        <RelativeTime ms={Date.parse(task.created_at)} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The run time; ticking while the task runs. */
function TaskDuration({ task }: { task: Task }) {
  if (task.status === "running" && task.started_at !== null) return <Elapsed since={task.started_at} />;
  return task.duration_seconds === null ? NONE : formatDuration(task.duration_seconds);
}

export function Elapsed({ since }: { since: string }) {
  const now = useNow();
  if (now === null) return NONE;
  return formatDuration(Math.max(0, Math.floor((now - Date.parse(since)) / 1_000)));
}
