import "server-only";
import type { Context } from "hono";
import { streamSSE, type SSEStreamingApi } from "hono/streaming";
import { FINAL_STATUSES, type TaskStatus } from "@/lib/shape/task";
import type { NumberedEvent } from "../tasks/events";
import type { OwnedRuntime } from "../tasks/create-runtime";

const HEARTBEAT_MS = 15_000;
/** A reader that falls this far behind is cut off; it comes back with Last-Event-ID. */
const BEHIND_MAX = 5_000;

/** `GET /api/events`: everything that happens, resumable with Last-Event-ID. */
export function streamEvents(context: Context, runtime: OwnedRuntime): Response {
  if (context.req.method === "HEAD") return streamHead();
  return streamSSE(context, async (stream) => {
    const queue: NumberedEvent[] = [];
    const signal = openUntil(stream, runtime);
    const unsubscribe = runtime.events.subscribe((event) => {
      if (queue.length < BEHIND_MAX) queue.push(event);
      signal.wake();
    });
    const last = context.req.header("last-event-id");
    if (last !== undefined) queue.unshift(...runtime.events.since(last));
    // A first comment makes the browser report the stream as open.
    try {
      await stream.write(": poolwise\n\n");
      while (!signal.closed() && queue.length < BEHIND_MAX) {
        for (const { id, event } of queue.splice(0))
          await stream.writeSSE({ id, event: event.type, data: JSON.stringify(event) });
        await signal.wait();
        if (queue.length === 0 && !signal.closed()) await stream.write(": still here\n\n");
      }
    } finally {
      unsubscribe();
      signal.release();
    }
  });
}

/**
 * `GET /api/tasks/:id/logs`: the output so far, then what comes, then `end` with the status. Ids are byte offsets.
 * With `?follow=false` the stream closes after the output so far.
 */
export async function streamLogs(context: Context, runtime: OwnedRuntime, taskId: string): Promise<Response> {
  await runtime.tasks.get(taskId);
  if (context.req.method === "HEAD") return streamHead();
  const resumed = Number(context.req.header("last-event-id") ?? context.req.query("offset") ?? 0);
  let offset = Number.isSafeInteger(resumed) && resumed > 0 ? resumed : 0;
  return streamSSE(context, async (stream) => {
    const signal = openUntil(stream, runtime);
    const stops = [
      signal.release,
      runtime.logs.follow(taskId, signal.wake),
      runtime.events.subscribe(({ event }) => {
        if (event.type === "task" && event.task_id === taskId) signal.wake();
      }),
    ];
    try {
      await stream.write(": poolwise\n\n");
      while (!signal.closed()) {
        // Looked at before the output: what is written after it has ended cannot be missed. The database is asked only
        // then, not for every piece of output.
        const status = runtime.tasks.isLive(taskId) ? null : (await runtime.tasks.get(taskId)).status;
        offset = await sendOutput(stream, runtime, taskId, offset);
        if (status !== null && FINAL_STATUSES.includes(status)) {
          await sendEnd(stream, status, offset);
          break;
        }
        if (context.req.query("follow") === "false") break;
        await signal.wait();
      }
    } finally {
      for (const stop of stops) stop();
    }
  });
}

/** HEAD is routed like GET, and a stream whose body nobody reads would never notice that its reader has gone. */
function streamHead(): Response {
  return new Response(null, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

async function sendOutput(
  stream: SSEStreamingApi,
  runtime: OwnedRuntime,
  taskId: string,
  from: number,
): Promise<number> {
  let offset = from;
  for (;;) {
    const { text, next } = await runtime.logs.read(taskId, offset);
    if (text === "") return offset;
    offset = next;
    await stream.writeSSE({ id: String(offset), event: "output", data: JSON.stringify(text) });
  }
}

async function sendEnd(stream: SSEStreamingApi, status: TaskStatus, offset: number): Promise<void> {
  await stream.writeSSE({ id: String(offset), event: "end", data: status });
}

/** Sleeps until woken, until a heartbeat is due, or until the reader or the server goes away. */
function openUntil(stream: SSEStreamingApi, runtime: OwnedRuntime) {
  let woken = false;
  let resume: (() => void) | null = null;
  const wake = () => {
    woken = true;
    resume?.();
  };
  stream.onAbort(wake);
  runtime.closing.addEventListener("abort", wake);
  const release = () => runtime.closing.removeEventListener("abort", wake);
  const closed = () => stream.aborted || stream.closed || runtime.closing.aborted;
  const wait = async () => {
    if (!woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    woken = false;
    resume = null;
  };
  return { wake, wait, closed, release };
}
