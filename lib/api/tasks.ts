import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { isRefusal, requestJson } from "./request";
import type { Decision } from "@/lib/shape/decision";
import type { TaskDetail, TaskListQuery, TaskPage } from "@/lib/shape/task";

export type TaskFilter = Partial<TaskListQuery>;

export const TASKS_KEY = ["tasks"] as const;

/** One page of tasks, newest first. */
export function tasksQuery(filter: TaskFilter) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  search.sort();
  return queryOptions({
    queryKey: [...TASKS_KEY, "list", search.toString()],
    queryFn: ({ signal }) => requestJson<TaskPage>(`/api/tasks?${search.toString()}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryUnlessRefused,
  });
}

export function taskQuery(taskId: string) {
  return queryOptions({
    queryKey: [...TASKS_KEY, "one", taskId],
    queryFn: ({ signal }) => requestJson<TaskDetail>(taskPath(taskId), { signal }),
    retry: retryUnlessRefused,
  });
}

/** Dry run of a submission: where it would go, and why. */
export function explainQuery(submission: Record<string, unknown>) {
  return queryOptions({
    queryKey: ["route", "explain", submission],
    queryFn: ({ signal }) =>
      requestJson<Decision>("/api/route/explain", { method: "POST", body: submission, signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}

export function cancelTask(taskId: string): Promise<TaskDetail> {
  return requestJson(taskPath(taskId), { method: "DELETE" });
}

/** Submits the task anew; `changes` replaces fields of the original submission. */
export function replayTask(
  taskId: string,
  changes: { prompt?: string },
): Promise<{ task_id: string; decision: Decision }> {
  return requestJson(`${taskPath(taskId)}/replay`, { method: "POST", body: changes });
}

/** The stream of a task's output after a byte offset. */
export function taskLogsPath(taskId: string, offset: number): string {
  return `${taskPath(taskId)}/logs?offset=${offset}`;
}

function taskPath(taskId: string): string {
  return `/api/tasks/${encodeURIComponent(taskId)}`;
}

function retryUnlessRefused(failures: number, error: unknown): boolean {
  return failures < 3 && !isRefusal(error);
}
