import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { problemOf } from "@/lib/errors";
import type { TaskDetail } from "@/lib/shape/task";
import { getRuntime } from "@/server/runtime";
import { taskTitle } from "../task-title";
import { TaskView } from "./task-view";

type PageProps = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const task = await findTask((await params).id);
  return { title: task === null ? "Task not found" : taskTitle(task) };
}

export default async function Page({ params }: PageProps) {
  const task = await findTask((await params).id);
  if (task === null) notFound();
  return <TaskView key={task.task_id} initial={task} />;
}

/** Once per request, for title and page. An id of the wrong form names no task either. */
const findTask = cache(async (taskId: string): Promise<TaskDetail | null> => {
  try {
    return await getRuntime().tasks.get(taskId);
  } catch (error) {
    const status = problemOf(error)?.status;
    if (status === 404 || status === 422) return null;
    throw error;
  }
});
