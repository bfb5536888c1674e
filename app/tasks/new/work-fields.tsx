import { NativeSelect, Textarea } from "@mantine/core";
import type { Catalog, RecipeInfo } from "@/lib/shape/catalog";
import type { SubmissionField, SubmissionValues } from "./submission-form";
import classes from "./submit-task-form.module.css";
import { WorkerNote } from "./worker-note";

export type FieldsProps = {
  /** What the fields start with: what was typed, when a submission was refused. */
  values: SubmissionValues;
  errors: Partial<Record<SubmissionField, string>>;
  /** What the fields hold now. */
  draft: SubmissionValues;
};

/** The attributes that every field has: its API name, its first value and the error beside it. */
export function fieldProps(field: SubmissionField, { values, errors }: FieldsProps) {
  return { name: field, id: `task-${field}`, defaultValue: values[field], error: errors[field] };
}

export function WorkFields({ catalog, ...fields }: FieldsProps & { catalog: Catalog }) {
  const recipe = catalog.recipes.find(({ name }) => name === fields.draft.recipe);
  const modelAvailable = catalog.workers.some((worker) => worker.type === "model" && worker.available);
  return (
    <div className={classes.fields}>
      <NativeSelect
        {...fieldProps("repo", fields)}
        key={`repo ${fields.values.repo}`}
        label="Repository"
        description={repoDescription(catalog, fields.draft.repo)}
        data={catalog.repos.map((repo) => ({
          value: repo.name,
          label: repo.problem === null ? repo.name : `${repo.name} (${repo.problem})`,
          disabled: repo.problem !== null,
        }))}
      />
      <NativeSelect
        {...fieldProps("recipe", fields)}
        key={`recipe ${fields.values.recipe}`}
        label="Recipe"
        description={recipe ? recipeDescription(recipe) : "A prepared command, run in the repository."}
        data={[
          { value: "", label: modelAvailable ? "None: the prompt goes to a model" : "Choose a recipe" },
          ...catalog.recipes.map(({ name, description }) => ({
            value: name,
            label: `${name}: ${shortened(description)}`,
          })),
        ]}
      />
      <div className={classes.wide}>
        <Textarea
          {...fieldProps("prompt", fields)}
          label="Prompt"
          description={promptDescription(recipe, modelAvailable)}
          autosize
          minRows={4}
          maxRows={18}
        />
        {modelAvailable || fields.errors.prompt ? null : <WorkerNote workers={catalog.workers} />}
      </div>
      <Textarea
        {...fieldProps("files", fields)}
        label="Files"
        description="One path per line, relative to the repository. Empty means all of it."
        placeholder="lib/format.ts"
        classNames={{ input: classes.mono }}
        autosize
        minRows={3}
        maxRows={12}
      />
      <NativeSelect
        {...fieldProps("type", fields)}
        key={`type ${fields.values.type}`}
        label="Task type"
        description="Weighed by the router, and what statistics are grouped by."
        data={[{ value: "", label: "From the recipe, else general" }, ...catalog.task_types]}
      />
    </div>
  );
}

/** A list shows the gist; the whole sentence stands above the chosen recipe. */
function shortened(description: string): string {
  return description.split(/ \(|[.;](?:\s|$)/, 1)[0] ?? description;
}

function repoDescription(catalog: Catalog, name: string): string {
  const repo = catalog.repos.find((candidate) => candidate.name === name) ?? catalog.repos[0];
  return repo?.description || "Tasks run only inside registered repositories.";
}

function recipeDescription(recipe: RecipeInfo): string {
  const effect = recipe.read_only ? "changes nothing" : "may change files";
  return `${recipe.description.replace(/\.$/, "")}; ${effect}.`;
}

function promptDescription(recipe: RecipeInfo | undefined, modelAvailable: boolean): string {
  if (recipe?.needs_prompt) return "This recipe needs it: it is passed on as one argument.";
  if (recipe) return "Optional with this recipe: kept with the task and weighed by the router.";
  return modelAvailable
    ? "What the model should do. With a recipe it is optional."
    : "With a recipe: what it is about. Some recipes need it.";
}
