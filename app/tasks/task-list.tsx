"use client";

import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { sentenceOf } from "@/lib/api/request";
import { TASKS_KEY, tasksQuery, type TaskFilter } from "@/lib/api/tasks";
import { useLiveQuery } from "@/lib/api/use-events";
import type { TaskPage } from "@/lib/shape/task";
import { EmptyState } from "@/lib/ui/empty-state";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { LiveMark } from "./live-mark";
import { isFiltered, taskFilterParsers, toTaskFilter } from "./task-filter";
import { TaskFilterBar } from "./task-filter-bar";
import classes from "./task-list.module.css";
import { TaskTable } from "./task-table";

const TYPING_PAUSE_MS = 250;

type TaskListProps = {
  initialFilter: TaskFilter;
  initialPage: TaskPage;
  pools: string[];
  repos: string[];
};

export function TaskList({ initialFilter, initialPage, pools, repos }: TaskListProps) {
  const [state, setState] = useQueryStates(taskFilterParsers);
  const [q] = useDebouncedValue(state.q, TYPING_PAUSE_MS);
  const filter = toTaskFilter({ ...state, q });
  const query = useQuery({
    ...tasksQuery(filter),
    ...(isSameFilter(filter, initialFilter) ? { initialData: initialPage } : {}),
  });
  const connected = useLiveQuery({
    queryKey: [...TASKS_KEY, "list"],
    concerns: (event) => event.type === "task",
  });

  return (
    <section className={classes.surface} aria-label="Tasks" data-testid="panel-tasks">
      <div className={classes.toolbar}>
        <TaskFilterBar
          state={state}
          onChange={(change) =>
            void setState(
              { ...change, cursor: null },
              { history: change.q === undefined ? "push" : "replace" },
            )
          }
          pools={pools}
          repos={repos}
        />
        <LiveMark connected={connected} />
      </div>
      {query.error ? (
        <div className={classes.notice}>
          <ErrorNotice
            title="The tasks could not be read"
            description={sentenceOf(query.error)}
            onRetry={() => void query.refetch()}
          />
        </div>
      ) : null}
      {query.data && query.data.tasks.length > 0 ? (
        <div aria-busy={query.isPlaceholderData} className={classes.results}>
          <TaskTable tasks={query.data.tasks} />
        </div>
      ) : null}
      {query.data?.tasks.length === 0 ? (
        <NoTasks
          narrowed={isFiltered(state) || state.cursor !== null}
          onClear={() => void setState({ status: null, pool: null, repo: null, q: null, cursor: null })}
        />
      ) : null}
      <Pager
        isFirst={state.cursor === null}
        next={query.data?.next_cursor ?? null}
        onMove={(cursor) => void setState({ cursor }, { history: "push", scroll: true })}
      />
    </section>
  );
}

function isSameFilter(a: TaskFilter, b: TaskFilter): boolean {
  return (["status", "pool", "repo", "q", "cursor"] as const).every((name) => a[name] === b[name]);
}

function NoTasks({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (narrowed) {
    return (
      <EmptyState
        title="No task matches"
        action={
          <Button variant="default" size="xs" onClick={onClear}>
            Show all tasks
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      title="No tasks yet"
      description="Submit one: a recipe runs at once inside a registered repository, and its output shows here."
      action={
        <Button component={Link} href="/tasks/new" size="xs">
          New task
        </Button>
      }
    />
  );
}

type PagerProps = { isFirst: boolean; next: string | null; onMove: (cursor: string | null) => void };

function Pager({ isFirst, next, onMove }: PagerProps) {
  if (isFirst && next === null) return null;
  return (
    <nav className={classes.pager} aria-label="Pages">
      <Button variant="default" size="xs" disabled={isFirst} onClick={() => onMove(null)}>
        Newest
      </Button>
      <Button variant="default" size="xs" disabled={next === null} onClick={() => onMove(next)}>
        Older
      </Button>
    </nav>
  );
}
