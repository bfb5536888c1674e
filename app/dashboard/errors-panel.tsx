"use client";

import { useQuery } from "@tanstack/react-query";
import { ErrorsChart } from "@/lib/chart/errors-chart";
import { prepareErrors } from "@/lib/chart/prepare-errors";
import { Panel } from "@/lib/ui/panel";
import { errorOptions } from "@/lib/wasm/dashboard-options";
import classes from "./dashboard.module.css";
import { panelState } from "./panel-state";
import { scopeOf, type View } from "./view";

export function ErrorsPanel(view: View) {
  const query = useQuery(errorOptions(scopeOf(view)));
  const model = prepareErrors(query.data?.rows ?? []);
  const state = panelState(query, {
    isEmpty: model.items.length === 0,
    empty: {
      kind: "empty",
      title: "No failures",
      description: `Nothing failed in the ${view.window.words}.`,
    },
  });
  const subtitle = model.cap === null ? "Kinds of failure" : `Kinds of failure, ${model.cap}`;
  return (
    <div className={classes.errors}>
      <Panel title="Top errors" slug="top-errors" subtitle={subtitle} state={state}>
        <ErrorsChart items={model.items} />
      </Panel>
    </div>
  );
}
