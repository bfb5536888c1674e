"use client";

import { ActionIcon } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { ExecutionsChart } from "@/lib/chart/executions-chart";
import { OverTimeTable } from "@/lib/chart/over-time-table";
import { prepareOverTime, type OverTimeModel } from "@/lib/chart/prepare-over-time";
import { SuccessRateChart } from "@/lib/chart/success-rate-chart";
import { bucketWords } from "@/lib/chart/time-range";
import { Panel, type PanelState } from "@/lib/ui/panel";
import { timeOptions } from "@/lib/wasm/dashboard-options";
import classes from "./dashboard.module.css";
import { nothingRan, panelState } from "./panel-state";
import { scopeOf, type View } from "./view";

const MIN_HEIGHT = 270;

export function OverTimePanels(view: View) {
  const { words } = view.window;
  const query = useQuery(timeOptions(scopeOf(view), view.window.bucketMs));
  const { data } = query;
  const model = useMemo(() => {
    if (data === undefined) return null;
    const { from_ms, to_ms, bucket_ms } = data.parameters;
    return prepareOverTime(data.rows, { fromMs: from_ms, toMs: to_ms, bucketMs: bucket_ms });
  }, [data]);
  const state = panelState(query, { isEmpty: model?.total === 0, empty: nothingRan(words) });
  const per = bucketWords(data?.parameters.bucket_ms ?? view.window.bucketMs);
  return (
    <>
      <OverTimePanel
        title="Executions over time"
        slug="executions-over-time"
        subtitle={`Succeeded and failed, ${per}`}
        state={state}
        model={model}
        draw={(shown) => <ExecutionsChart model={shown} />}
      />
      <OverTimePanel
        title="Success rate over time"
        slug="success-rate-over-time"
        subtitle={`Share of executions that succeeded, ${per}`}
        state={state}
        model={model}
        draw={(shown) => <SuccessRateChart model={shown} />}
      />
    </>
  );
}

type OverTimePanelProps = {
  title: string;
  slug: string;
  subtitle: string;
  state: PanelState;
  model: OverTimeModel | null;
  draw: (model: OverTimeModel) => ReactNode;
};

function OverTimePanel({ title, slug, subtitle, state, model, draw }: OverTimePanelProps) {
  const [asTable, setAsTable] = useState(false);
  const Symbol = asTable ? IconChartBar : IconTable;
  const label = `${title}: show as ${asTable ? "chart" : "table"}`;
  return (
    <div className={classes.half}>
      <Panel
        title={title}
        slug={slug}
        subtitle={subtitle}
        state={state}
        minHeight={MIN_HEIGHT}
        actions={
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.toggle}
            size="md"
            aria-label={label}
            title={label}
            onClick={() => setAsTable(!asTable)}
          >
            <Symbol size={16} stroke={1.75} aria-hidden />
          </ActionIcon>
        }
      >
        {model === null ? null : asTable ? <OverTimeTable model={model} caption={title} /> : draw(model)}
      </Panel>
    </div>
  );
}
