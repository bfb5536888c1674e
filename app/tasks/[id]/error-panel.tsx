import { IconAlertTriangle } from "@tabler/icons-react";
import type { ErrorType } from "@/lib/shape/error-type";
import type { TaskDetail } from "@/lib/shape/task";
import classes from "./error-panel.module.css";

const TITLES: Record<ErrorType, string> = {
  timeout: "The task ran out of time",
  quality_gate: "The result did not pass its check",
  crash: "The command failed",
  validation: "The request could not be carried out",
  unknown: "The task failed",
  cancelled: "The task was cancelled",
  provider: "The model's provider failed",
  rate_limit: "The provider refused for now: too many requests",
  budget: "The budget is spent",
};

const REMEDIES: Record<ErrorType, string> = {
  timeout: "Run it again with a higher time limit, or on fewer files.",
  quality_gate:
    "The output says what the check found. Change the prompt or choose a larger tier, then run it again.",
  crash: "The end of the output usually names the cause. Fix it in the repository, then run the task again.",
  validation: "Correct what the message names and submit it again.",
  unknown: "Look at the output and at the server's log, then run it again.",
  cancelled: "Run it again when it should continue.",
  provider: "Check the provider in settings and that it can be reached, then run it again.",
  rate_limit: "Wait a little and run it again, or give the task some retries.",
  budget: "Raise the budget in settings or choose a smaller tier.",
};

/** What went wrong, in the words recorded, and what to do about it. */
export function ErrorPanel({ task }: { task: TaskDetail }) {
  const type = task.error_type;
  const interrupted = task.status === "interrupted";
  return (
    <section className={classes.panel} role="alert" data-testid="panel-error">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <h2>{interrupted ? "The server stopped while the task ran" : TITLES[type ?? "unknown"]}</h2>
        {task.error_message === null ? null : <p className={classes.message}>{task.error_message}</p>}
        <p className={classes.remedy}>
          {interrupted ? "Nothing more happens to it. Run it again." : REMEDIES[type ?? "unknown"]}
        </p>
        {type === null ? null : (
          <p className={classes.type}>
            Error type <code>{type}</code>
          </p>
        )}
      </div>
    </section>
  );
}
