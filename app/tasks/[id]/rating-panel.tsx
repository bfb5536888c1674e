"use client";

import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import {
  startTransition,
  useActionState,
  useEffect,
  useState,
  type SubmitEvent,
  type MouseEvent,
} from "react";
import { taskQuery } from "@/lib/api/tasks";
import { SATISFACTION, type TaskDetail, type TaskFeedback } from "@/lib/shape/task";
import { Panel } from "@/lib/ui/panel";
import { RelativeTime } from "@/lib/ui/relative-time";
import { rateTask } from "./actions";
import { needsIssue, UNRATED, type IssueType, type RatingState, type Satisfaction } from "./rating-form";
import classes from "./rating-panel.module.css";

const ISSUE_LABELS: Record<IssueType, string> = {
  wrong_model: "Wrong model or tier",
  too_slow: "Too slow",
  poor_quality: "Poor quality",
  other: "Something else",
};

export function RatingPanel({ task }: { task: TaskDetail }) {
  const [state, rate, isPending] = useActionState(rateTask.bind(null, task.task_id), UNRATED);
  // The rating to be replaced, so that the form closes by itself when a newer one is there.
  const [replacing, setReplacing] = useState<string | null>(null);
  const client = useQueryClient();
  const latest = state.saved ?? newest(task.feedback);

  useEffect(() => {
    if (state.saved === null) return;
    void client.invalidateQueries({ queryKey: taskQuery(state.saved.task_id).queryKey });
  }, [state.saved, client]);

  return (
    <Panel title="Rate the result" slug="rating">
      {latest !== null && latest.feedback_id !== replacing ? (
        <GivenRating feedback={latest} onAgain={() => setReplacing(latest.feedback_id)} />
      ) : (
        <RatingForm state={state} rate={rate} isPending={isPending} />
      )}
      <p className={classes.notice}>
        Ratings stay on this server; comments are never part of a snapshot or report.
      </p>
    </Panel>
  );
}

function newest(feedback: TaskFeedback[]): TaskFeedback | null {
  return feedback.reduce<TaskFeedback | null>(
    (latest, entry) => (latest === null || entry.created_at > latest.created_at ? entry : latest),
    null,
  );
}

function GivenRating({ feedback, onAgain }: { feedback: TaskFeedback; onAgain: () => void }) {
  return (
    <div className={classes.given} role="status">
      <p>
        Rated <strong>{feedback.satisfaction}</strong>
        {feedback.issue_type === null ? null : `, ${ISSUE_LABELS[feedback.issue_type].toLowerCase()}`},{" "}
        <RelativeTime ms={Date.parse(feedback.created_at)} />
      </p>
      {feedback.comment ? <blockquote>{feedback.comment}</blockquote> : null}
      <Button size="compact-xs" variant="subtle" onClick={onAgain}>
        Rate again
      </Button>
    </div>
  );
}

type RatingFormProps = { state: RatingState; rate: (form: FormData) => void; isPending: boolean };

/** A good result takes one click; a bad one is asked what was wrong. */
function RatingForm({ state, rate, isPending }: RatingFormProps) {
  const [chosen, setChosen] = useState<Satisfaction | null>(state.values.satisfaction);
  const errorOf = (field: string) => state.errors.find(({ path }) => path === field)?.message;

  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget, event.submitter);
    startTransition(() => rate(data));
  };
  const onChoose = (event: MouseEvent<HTMLButtonElement>, satisfaction: Satisfaction) => {
    setChosen(satisfaction);
    if (needsIssue(satisfaction)) event.preventDefault();
  };

  return (
    <form action={rate} onSubmit={onSubmit} className={classes.form} aria-label="Rating">
      <div className={classes.choices} role="group" aria-label="How good was the result">
        {SATISFACTION.map((satisfaction) => (
          <Button
            key={satisfaction}
            type="submit"
            name="satisfaction"
            value={satisfaction}
            size="xs"
            variant={chosen === satisfaction ? "light" : "default"}
            aria-pressed={chosen === satisfaction}
            disabled={isPending}
            onClick={(event) => onChoose(event, satisfaction)}
          >
            {satisfaction}
          </Button>
        ))}
      </div>
      {errorOf("satisfaction") ? <p role="alert">{errorOf("satisfaction")}</p> : null}
      {chosen !== null && needsIssue(chosen) ? (
        <IssueFields state={state} chosen={chosen} errorOf={errorOf} isPending={isPending} />
      ) : (
        <details className={classes.more}>
          <summary>Add a comment</summary>
          <Textarea
            name="comment"
            aria-label="Comment"
            autosize
            minRows={2}
            defaultValue={state.values.comment}
          />
        </details>
      )}
      {state.message === null ? null : (
        <p role="alert" className={classes.error}>
          {state.message}
        </p>
      )}
    </form>
  );
}

type IssueFieldsProps = {
  state: RatingState;
  chosen: Satisfaction;
  errorOf: (field: string) => string | undefined;
  isPending: boolean;
};

function IssueFields({ state, chosen, errorOf, isPending }: IssueFieldsProps) {
  const [issue, setIssue] = useState(state.values.issue_type ?? "");
  return (
    <>
      <NativeSelect
        name="issue_type"
        label="What was wrong"
        required
        value={issue}
        error={errorOf("issue_type")}
        onChange={(event) => setIssue(event.currentTarget.value)}
        data={[
          { value: "", label: "Choose" },
          ...Object.entries(ISSUE_LABELS).map(([value, label]) => ({ value, label })),
        ]}
      />
      <Textarea
        name="comment"
        label="Comment"
        required={issue === "other"}
        autosize
        minRows={2}
        defaultValue={state.values.comment}
        error={errorOf("comment")}
      />
      <Button type="submit" name="satisfaction" value={chosen} size="xs" loading={isPending}>
        Send rating
      </Button>
    </>
  );
}
