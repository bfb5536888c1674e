import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { TASK_STATUSES } from "@/lib/shape/task";
import { taskFilterParsers, type TaskFilterState } from "./task-filter";
import classes from "./task-list.module.css";

type TaskFilterBarProps = {
  state: TaskFilterState;
  onChange: (change: Partial<TaskFilterState>) => void;
  pools: string[];
  repos: string[];
};

/** A real form, so that the filters also work before or without scripts. */
export function TaskFilterBar({ state, onChange, pools, repos }: TaskFilterBarProps) {
  return (
    <form className={classes.filters} role="search" onSubmit={(event) => event.preventDefault()}>
      <TextInput
        className={classes.search}
        name="q"
        type="search"
        size="xs"
        aria-label="Search tasks"
        placeholder="Search prompts, recipes, ids"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={state.q}
        onChange={(event) => onChange({ q: event.currentTarget.value })}
      />
      <NativeSelect
        name="status"
        size="xs"
        aria-label="Status"
        value={state.status ?? ""}
        data={[{ value: "", label: "All statuses" }, ...TASK_STATUSES]}
        onChange={(event) => onChange({ status: taskFilterParsers.status.parse(event.currentTarget.value) })}
      />
      <NativeSelect
        name="pool"
        size="xs"
        aria-label="Pool"
        value={state.pool ?? ""}
        data={[{ value: "", label: "All pools" }, ...withChosen(pools, state.pool)]}
        onChange={(event) => onChange({ pool: event.currentTarget.value || null })}
      />
      <NativeSelect
        name="repo"
        size="xs"
        aria-label="Repository"
        value={state.repo ?? ""}
        data={[{ value: "", label: "All repositories" }, ...withChosen(repos, state.repo)]}
        onChange={(event) => onChange({ repo: event.currentTarget.value || null })}
      />
      <noscript>
        <Button type="submit" size="xs" variant="default">
          Apply
        </Button>
      </noscript>
    </form>
  );
}

/** A closed pool keeps its tasks, and a link to them keeps its filter. */
function withChosen(names: string[], chosen: string | null): string[] {
  return chosen === null || names.includes(chosen) ? names : [...names, chosen];
}
