import { createLoader, parseAsString, parseAsStringLiteral, type inferParserType } from "nuqs/server";
import type { TaskFilter } from "@/lib/api/tasks";
import { TASK_STATUSES } from "@/lib/shape/task";

/** The list's state in the URL, under the API's own parameter names. */
export const taskFilterParsers = {
  status: parseAsStringLiteral(TASK_STATUSES),
  pool: parseAsString,
  repo: parseAsString,
  q: parseAsString.withDefault(""),
  cursor: parseAsString,
};

export type TaskFilterState = inferParserType<typeof taskFilterParsers>;

export const loadTaskFilter = createLoader(taskFilterParsers);

const PAGE_SIZE = 50;

export function toTaskFilter(state: TaskFilterState) {
  const filter: TaskFilter & { limit: number } = { limit: PAGE_SIZE };
  if (state.status) filter.status = state.status;
  if (state.pool) filter.pool = state.pool;
  if (state.repo) filter.repo = state.repo;
  if (state.q.trim()) filter.q = state.q.trim();
  if (state.cursor) filter.cursor = state.cursor;
  return filter;
}

/** Whether anything narrows the list; the page within it does not. */
export function isFiltered(state: TaskFilterState): boolean {
  return Boolean(state.status || state.pool || state.repo || state.q.trim());
}
