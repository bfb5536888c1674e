"use client";

import { Button } from "@mantine/core";
import { startTransition, useActionState, useEffect, useRef, useState, type SubmitEvent } from "react";
import type { Catalog } from "@/lib/shape/catalog";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { Panel } from "@/lib/ui/panel";
import { submitTask } from "./actions";
import { OptionFields } from "./option-fields";
import { RoutePreview } from "./route-preview";
import {
  errorsByField,
  generalErrors,
  submissionValues,
  type SubmissionValues,
  type SubmitState,
} from "./submission-form";
import classes from "./submit-task-form.module.css";
import { WorkFields } from "./work-fields";

type SubmitTaskFormProps = { catalog: Catalog; pools: string[]; initialValues: SubmissionValues };

export function SubmitTaskForm({ catalog, pools, initialValues }: SubmitTaskFormProps) {
  const [state, submit, isPending] = useActionState<SubmitState, FormData>(submitTask, {
    message: null,
    errors: [],
    values: initialValues,
  });
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(initialValues);
  const readDraft = () => {
    if (form.current) setDraft(readValues(form.current));
  };
  // What was typed before the scripts ran, or what the browser restored, counts too.
  useEffect(readDraft, []);

  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    // Left to React, the form would be emptied after every refusal.
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    startTransition(() => submit(data));
  };

  const fields = { values: state.values, errors: errorsByField(state.errors), draft };
  return (
    <div className={classes.layout}>
      <form
        ref={form}
        action={submit}
        onSubmit={onSubmit}
        onChange={readDraft}
        data-testid="submit-task-form"
        className={classes.form}
        aria-label="New task"
      >
        <RefusalSummary state={state} />
        <Panel title="What should be done">
          <WorkFields {...fields} catalog={catalog} />
        </Panel>
        <OptionFields {...fields} recipes={catalog.recipes} pools={pools} />
        <div className={classes.actions}>
          <Button type="submit" loading={isPending}>
            Submit task
          </Button>
        </div>
      </form>
      <aside className={classes.aside} aria-label="Routing preview">
        <RoutePreview
          draft={draft}
          promptNeedsRecipe={!catalog.workers.some(({ type, available }) => type === "model" && available)}
        />
      </aside>
    </div>
  );
}

function readValues(form: HTMLFormElement): SubmissionValues {
  const data = new FormData(form);
  return submissionValues((field) => data.get(field));
}

function RefusalSummary({ state }: { state: SubmitState }) {
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.message !== null) summary.current?.focus();
  }, [state]);
  if (state.message === null) return null;
  const general = generalErrors(state.errors);
  const byField = Object.entries(errorsByField(state.errors));
  return (
    <div ref={summary} tabIndex={-1} className={classes.summary}>
      <ErrorNotice
        title="The task was not submitted"
        description={
          state.errors.length === 0 ? (
            state.message
          ) : (
            <ul className={classes.problems}>
              {general.map((message) => (
                <li key={message}>{message}</li>
              ))}
              {byField.map(([field, message]) => (
                <li key={field}>
                  <a href={`#task-${field}`}>{field.replaceAll("_", " ")}</a>: {message}
                </li>
              ))}
            </ul>
          )
        }
      />
    </div>
  );
}
