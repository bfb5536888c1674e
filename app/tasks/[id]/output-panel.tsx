"use client";

import { Button, CopyButton, Switch } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { cutBytes, readableOutput, type TaskOutput } from "@/lib/api/task-output";
import { useTaskOutput, type OutputState } from "@/lib/api/use-task-output";
import { formatBytes, formatCount } from "@/lib/format";
import { FINAL_STATUSES, type TaskDetail } from "@/lib/shape/task";
import { Panel } from "@/lib/ui/panel";
import classes from "./output-panel.module.css";

/** Nearer to the end than this counts as being at it. */
const END_DISTANCE_PX = 24;

type OutputPanelProps = { task: TaskDetail; onEnd: () => void };

export function OutputPanel({ task, onEnd }: OutputPanelProps) {
  const { output, state } = useTaskOutput(task.task_id, onEnd);
  const text = useMemo(() => readableOutput(output.text), [output.text]);
  // A result is read from its start, everything else from where it stands.
  const [follow, setFollow] = useState(task.status !== "succeeded");
  const finished = FINAL_STATUSES.includes(task.status);
  const cuts = cutNotices(output);

  return (
    <Panel
      title="Output"
      slug="output"
      subtitle={outputSubtitle(task, state)}
      actions={
        <>
          {finished ? null : (
            <Switch
              size="xs"
              label="Follow"
              checked={follow}
              onChange={(event) => setFollow(event.currentTarget.checked)}
            />
          )}
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="default"
                onClick={copy}
                disabled={text === ""}
                leftSection={
                  copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />
                }
              >
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        </>
      }
    >
      {cuts.map((notice) => (
        <p key={notice} className={classes.cut}>
          {notice}
        </p>
      ))}
      <Viewer text={text} placeholder={placeholderOf(task, state)} follow={follow} onFollow={setFollow} />
    </Panel>
  );
}

function outputSubtitle(task: TaskDetail, state: OutputState): string {
  if (state === "lost") return "Connection lost. Reload the page to read on.";
  if (state === "reconnecting") return "Connection lost; it resumes where it stopped.";
  return task.output_bytes === 0
    ? "What the task wrote"
    : `What the task wrote, ${formatBytes(task.output_bytes)}`;
}

function placeholderOf(task: TaskDetail, state: OutputState): string {
  if (task.status === "queued") return "The output appears here as soon as the task runs.";
  if (state === "ended") return "The task wrote nothing.";
  return task.status === "running" ? "Nothing yet." : "Reading the output.";
}

function cutNotices({ text, dropped }: TaskOutput): string[] {
  const notices: string[] = [];
  const cut = cutBytes(text);
  if (cut !== null) {
    notices.push(
      `${formatBytes(cut)} in the middle were not kept: the output was longer than workers.output_limit_bytes.`,
    );
  }
  if (dropped > 0) {
    notices.push(`Only the end is shown: ${formatCount(dropped)} characters before it are left out.`);
  }
  return notices;
}

type ViewerProps = {
  text: string;
  placeholder: string;
  follow: boolean;
  onFollow: (follow: boolean) => void;
};

function Viewer({ text, placeholder, follow, onFollow }: ViewerProps) {
  const box = useRef<HTMLPreElement>(null);
  const lastTop = useRef(0);

  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, follow]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const wentUp = element.scrollTop < lastTop.current;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < END_DISTANCE_PX;
    lastTop.current = element.scrollTop;
    if (follow && wentUp && !atEnd) onFollow(false);
    if (!follow && !wentUp && atEnd) onFollow(true);
  };

  return (
    <pre
      ref={box}
      className={classes.output}
      data-empty={text === ""}
      data-testid="task-output"
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Task output"
      onScroll={onScroll}
    >
      {text === "" ? placeholder : text}
    </pre>
  );
}
