"use client";

import { Button, CopyButton, UnstyledButton } from "@mantine/core";
import { IconCheck, IconCopy, IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sentenceOf } from "@/lib/api/request";
import { cancelTask, taskQuery } from "@/lib/api/tasks";
import type { TaskDetail, TaskStatus } from "@/lib/shape/task";
import type { BadgeTone } from "@/lib/ui/status-badge";
import { LiveMark } from "../live-mark";
import { taskTitle } from "../task-title";
import { PageHeader } from "@/lib/ui/page-header";
import { ReplayButton } from "./replay-button";
import classes from "./task-header.module.css";

const TONES: Record<TaskStatus, BadgeTone> = {
  queued: "neutral",
  running: "accent",
  succeeded: "success",
  failed: "failure",
  cancelled: "neutral",
  interrupted: "warning",
};

type TaskHeaderProps = { task: TaskDetail; connected: boolean | null };

export function TaskHeader({ task, connected }: TaskHeaderProps) {
  return (
    <PageHeader
      title={taskTitle(task)}
      description={
        <span className={classes.facts}>
          <span className={classes.status} data-tone={TONES[task.status]} role="status">
            <span data-testid="task-status">{task.status}</span>
          </span>
          {task.status === "queued" && task.waiting_reason ? <span>{task.waiting_reason}</span> : null}
          <span>
            {task.type} in {task.repo}
          </span>
          <TaskId taskId={task.task_id} />
          <LiveMark connected={connected} />
        </span>
      }
      actions={
        <>
          <CancelButton task={task} />
          <ReplayButton task={task} />
        </>
      }
    />
  );
}

function TaskId({ taskId }: { taskId: string }) {
  return (
    <CopyButton value={taskId}>
      {({ copied, copy }) => (
        <UnstyledButton
          className={classes.id}
          onClick={copy}
          aria-label={`Copy task id ${taskId}`}
          title={taskId}
        >
          {taskId.slice(0, 8)}
          {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}

function CancelButton({ task }: { task: TaskDetail }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelTask(task.task_id),
    onSuccess: (detail) => client.setQueryData(taskQuery(task.task_id).queryKey, detail),
  });
  if (task.status !== "queued" && task.status !== "running") return null;
  return (
    <>
      {cancel.error ? (
        <span role="alert" className={classes.error}>
          {sentenceOf(cancel.error)}
        </span>
      ) : null}
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={15} aria-hidden />}
        loading={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        Cancel task
      </Button>
    </>
  );
}
