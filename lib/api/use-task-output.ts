"use client";

import { useEffect, useEffectEvent, useState } from "react";
import { appendOutput, EMPTY_OUTPUT, type OutputChunk, type TaskOutput } from "./task-output";
import { taskLogsPath } from "./tasks";

/** Pieces arrive faster than a screen is read; they are shown together. */
const FLUSH_INTERVAL_MS = 100;

/** A browser gives up for good when the server answers anything but a stream, as during a restart. */
const REOPEN_AFTER_MS = 3_000;
const REOPEN_TIMES_MAX = 20;

export type OutputState = "connecting" | "streaming" | "reconnecting" | "lost" | "ended";

type Follower = {
  onChunks: (chunks: OutputChunk[]) => void;
  onState: (state: OutputState) => void;
};

/** Follows a task's output until its end and resumes where it stopped after a lost connection. */
export function useTaskOutput(taskId: string, onEnd: () => void): { output: TaskOutput; state: OutputState } {
  const [output, setOutput] = useState(EMPTY_OUTPUT);
  const [state, setState] = useState<OutputState>("connecting");
  const ended = useEffectEvent(onEnd);

  useEffect(() => {
    const stop = followOutput(taskId, {
      onChunks: (chunks) => setOutput((current) => appendOutput(current, chunks)),
      onState: (next) => {
        setState(next);
        if (next === "ended") ended();
      },
    });
    return () => {
      stop();
      setOutput(EMPTY_OUTPUT);
      setState("connecting");
    };
  }, [taskId]);

  return { output, state };
}

function followOutput(taskId: string, { onChunks, onState }: Follower): () => void {
  let source: EventSource | null = null;
  let offset = 0;
  let failures = 0;
  let waiting: OutputChunk[] = [];
  let flushing: ReturnType<typeof setTimeout> | null = null;
  let reopening: ReturnType<typeof setTimeout> | null = null;

  function flush(): void {
    if (flushing) clearTimeout(flushing);
    flushing = null;
    if (waiting.length > 0) onChunks(waiting);
    waiting = [];
  }

  function onError(opened: EventSource): void {
    if (opened.readyState !== opened.CLOSED) return onState("reconnecting");
    failures += 1;
    if (failures > REOPEN_TIMES_MAX) return onState("lost");
    onState("reconnecting");
    reopening = setTimeout(open, REOPEN_AFTER_MS);
  }

  function open(): void {
    const opened = new EventSource(taskLogsPath(taskId, offset));
    source = opened;
    opened.addEventListener("open", () => {
      failures = 0;
      onState("streaming");
    });
    opened.addEventListener("error", () => onError(opened));
    opened.addEventListener("output", (event: MessageEvent<string>) => {
      offset = Number(event.lastEventId);
      waiting.push({ text: String(JSON.parse(event.data)), offset });
      flushing ??= setTimeout(flush, FLUSH_INTERVAL_MS);
    });
    opened.addEventListener("end", () => {
      opened.close();
      flush();
      onState("ended");
    });
  }

  open();
  return () => {
    source?.close();
    if (flushing) clearTimeout(flushing);
    if (reopening) clearTimeout(reopening);
  };
}
