/** What can be asked for on this installation: shown by the form, `doctor`, `/pools` and refusals. */
export type Catalog = {
  repos: { name: string; path: string; description: string; tags: string[]; problem: string | null }[];
  recipes: RecipeInfo[];
  task_types: string[];
  workers: WorkerAvailability[];
};

export type RecipeInfo = {
  name: string;
  description: string;
  task_types: string[];
  /** True when the recipe needs a prompt (its arguments contain it). */
  needs_prompt: boolean;
  read_only: boolean;
  timeout_seconds: number;
};

export type WorkerAvailability = {
  type: "command" | "model";
  available: boolean;
  /** One sentence: what it can do here, or what it needs to become available. */
  detail: string;
};
