"use client";

import { useQuery } from "@tanstack/react-query";
import { taskQuery } from "@/lib/api/tasks";
import { useLiveQuery } from "@/lib/api/use-events";
import { FINAL_STATUSES, type TaskDetail } from "@/lib/shape/task";
import { Panel } from "@/lib/ui/panel";
import { DecisionView } from "../decision-view";
import { AttemptsPanel } from "./attempts-panel";
import { ErrorPanel } from "./error-panel";
import { OutputPanel } from "./output-panel";
import { RatingPanel } from "./rating-panel";
import { RequestPanel } from "./request-panel";
import { ResultPanel } from "./result-panel";
import { TaskHeader } from "./task-header";
import classes from "./task-view.module.css";
import { Timeline } from "./timeline";

/** Events tell of every change at once; this only bridges a lost connection. */
const UNFINISHED_POLL_MS = 5_000;

export function TaskView({ initial }: { initial: TaskDetail }) {
  const options = taskQuery(initial.task_id);
  const query = useQuery({
    ...options,
    initialData: initial,
    refetchInterval: ({ state }) => (state.data && isFinal(state.data) ? false : UNFINISHED_POLL_MS),
  });
  const connected = useLiveQuery({
    queryKey: options.queryKey,
    concerns: (event) => event.type === "task" && event.task_id === initial.task_id,
  });
  const task = query.data;
  const finished = isFinal(task);

  return (
    <>
      <TaskHeader task={task} connected={finished ? null : connected} />
      <div className={classes.layout}>
        <div className={classes.main}>
          {task.status === "failed" || task.status === "interrupted" ? <ErrorPanel task={task} /> : null}
          <Timeline task={task} />
          <OutputPanel task={task} onEnd={() => void query.refetch({ cancelRefetch: false })} />
          <AttemptsPanel task={task} />
          <div className={classes.last}>
            <RequestPanel task={task} />
          </div>
        </div>
        <div className={classes.side}>
          {finished ? <ResultPanel task={task} /> : null}
          {finished ? <RatingPanel task={task} /> : null}
          <div data-testid="task-decision">
            <Panel title="Routing decision" slug="decision">
              <DecisionView decision={task.decision} />
            </Panel>
          </div>
        </div>
      </div>
    </>
  );
}

function isFinal(task: TaskDetail): boolean {
  return FINAL_STATUSES.includes(task.status);
}
