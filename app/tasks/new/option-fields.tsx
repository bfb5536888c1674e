import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { RecipeInfo } from "@/lib/shape/catalog";
import { SELECTORS } from "@/lib/shape/selector";
import { TIERS } from "@/lib/shape/tier";
import { SUBMISSION_FIELDS, type SubmissionField } from "./submission-form";
import classes from "./submit-task-form.module.css";
import { fieldProps, type FieldsProps } from "./work-fields";

const WORK_FIELDS: readonly SubmissionField[] = ["repo", "recipe", "prompt", "files", "type"];
const OPTION_FIELDS = SUBMISSION_FIELDS.filter((field) => !WORK_FIELDS.includes(field));

const STRATEGY_LABELS: Record<(typeof SELECTORS)[number], string> = {
  round_robin: "Round robin",
  least_loaded: "Least loaded",
  random: "Random",
  affinity: "Affinity",
};

type OptionFieldsProps = FieldsProps & { recipes: RecipeInfo[]; pools: string[] };

/** Everything that has a good default. Open from the start when something in it is set or wrong. */
export function OptionFields({ recipes, pools, ...fields }: OptionFieldsProps) {
  const isSet = OPTION_FIELDS.some((field) => fields.values[field] !== "" || fields.errors[field]);
  return (
    <details className={classes.options} open={isSet}>
      <summary>
        Options <span>tier, pool, time limit, retries, check and more</span>
      </summary>
      <div className={classes.optionFields}>
        <RoutingFields pools={pools} {...fields} />
        <LimitFields {...fields} />
        <NativeSelect
          {...fieldProps("check", fields)}
          key={`check ${fields.values.check}`}
          label="Check with recipe"
          description="Grades the result; failing it fails the task."
          data={[{ value: "", label: "No check" }, ...recipes.map(({ name }) => name)]}
        />
        <TextInput
          {...fieldProps("idempotency_key", fields)}
          label="Idempotency key"
          description="The same key gives the same task, not a second one."
          autoComplete="off"
        />
        <div className={classes.wide}>
          <Textarea
            {...fieldProps("metadata", fields)}
            label="Metadata"
            description="One key=value per line, kept with the task and its executions."
            placeholder="ticket=PW-12"
            classNames={{ input: classes.mono }}
            autosize
            minRows={2}
            maxRows={10}
          />
        </div>
      </div>
    </details>
  );
}

function RoutingFields({ pools, ...fields }: FieldsProps & { pools: string[] }) {
  return (
    <>
      <NativeSelect
        {...fieldProps("tier", fields)}
        key={`tier ${fields.values.tier}`}
        label="Tier"
        description="How capable a model the task gets."
        data={[{ value: "", label: "Auto: by complexity" }, ...TIERS]}
      />
      <NativeSelect
        {...fieldProps("pool", fields)}
        key={`pool ${fields.values.pool}`}
        label="Pool"
        description="Where it runs."
        data={[{ value: "", label: "Auto: by strategy" }, ...pools]}
      />
      <NativeSelect
        {...fieldProps("strategy", fields)}
        key={`strategy ${fields.values.strategy}`}
        label="Strategy"
        description="How a pool is chosen."
        data={[
          { value: "", label: "From the settings" },
          ...SELECTORS.map((value) => ({ value, label: STRATEGY_LABELS[value] })),
        ]}
      />
      <NativeSelect
        {...fieldProps("affinity", fields)}
        key={`affinity ${fields.values.affinity}`}
        label="Preferred pool"
        description="For the affinity strategy."
        data={[{ value: "", label: "None" }, ...pools]}
      />
    </>
  );
}

function LimitFields(fields: FieldsProps) {
  return (
    <>
      <TextInput
        {...fieldProps("timeout_seconds", fields)}
        label="Time limit (seconds)"
        description="Empty: the recipe's, else the settings'."
        inputMode="numeric"
        placeholder="300"
      />
      <TextInput
        {...fieldProps("retries", fields)}
        label="Retries"
        description="Further attempts after a failure, 0 to 10."
        inputMode="numeric"
        placeholder="0"
      />
      <TextInput
        {...fieldProps("priority", fields)}
        label="Priority"
        description="From -100 to 100; higher runs first."
        placeholder="0"
      />
      <TextInput
        {...fieldProps("estimated_tokens", fields)}
        label="Estimated tokens"
        description="Empty: estimated from prompt and files."
        inputMode="numeric"
      />
    </>
  );
}
