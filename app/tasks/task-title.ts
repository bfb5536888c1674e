import type { Task } from "@/lib/shape/task";

const TITLE_CHARS_MAX = 160;

/** What a task is called: its recipe, else the first line of its prompt. */
export function taskTitle(task: Pick<Task, "recipe" | "prompt" | "type">): string {
  return task.recipe ?? firstLine(task.prompt) ?? task.type;
}

/** The prompt's first line where the title does not show it already. */
export function taskSubtitle(task: Pick<Task, "recipe" | "prompt">): string | null {
  return task.recipe === null ? null : firstLine(task.prompt);
}

function firstLine(text: string): string | null {
  const line = text.trim().split("\n", 1)[0]?.trim() ?? "";
  if (line === "") return null;
  return line.length > TITLE_CHARS_MAX ? `${line.slice(0, TITLE_CHARS_MAX - 1)}…` : line;
}
