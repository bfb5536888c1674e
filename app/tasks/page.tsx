import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { problemOf } from "@/lib/errors";
import type { TaskListQuery, TaskPage } from "@/lib/shape/task";
import { PageHeader } from "@/lib/ui/page-header";
import { getRuntime } from "@/server/runtime";
import { loadTaskFilter, toTaskFilter } from "./task-filter";
import { NewTaskButton } from "./new-task-button";
import { TaskList } from "./task-list";

export const metadata: Metadata = { title: "Tasks" };

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filter = toTaskFilter(await loadTaskFilter(searchParams));
  const [firstPage, catalog] = await Promise.all([listTasks(filter), getRuntime().catalog()]);
  return (
    <>
      <PageHeader
        title="Tasks"
        description="Everything that was submitted, newest first."
        actions={<NewTaskButton />}
      />
      <TaskList
        initialFilter={filter}
        initialPage={firstPage}
        pools={getRuntime()
          .pools.list()
          .map((pool) => pool.name)}
        repos={catalog.repos.map((repo) => repo.name)}
      />
    </>
  );
}

/** A stale or mistyped cursor in the URL shows the list's empty page and not a broken one. */
async function listTasks(filter: TaskListQuery): Promise<TaskPage> {
  try {
    return await getRuntime().tasks.list(filter);
  } catch (error) {
    if (problemOf(error) === null) throw error;
    return { tasks: [], next_cursor: null };
  }
}
