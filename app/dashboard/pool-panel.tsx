"use client";

import { useQuery } from "@tanstack/react-query";
import { PoolsChart } from "@/lib/chart/pools-chart";
import { preparePools } from "@/lib/chart/prepare-pools";
import { Panel } from "@/lib/ui/panel";
import { poolOptions } from "@/lib/wasm/dashboard-options";
import classes from "./dashboard.module.css";
import { nothingRan, panelState } from "./panel-state";
import { scopeOf, type View } from "./view";

export function PoolPanel(view: View) {
  const query = useQuery(poolOptions(scopeOf(view)));
  const model = preparePools(query.data?.rows ?? []);
  const state = panelState(query, {
    isEmpty: model.items.length === 0,
    empty: nothingRan(view.window.words),
  });
  const cap = model.cap === null ? "" : `, the busiest ${model.cap}`;
  return (
    <div className={classes.pools}>
      <Panel
        title="Pool comparison"
        slug="pool-comparison"
        subtitle={`Load, outcome and speed${cap}`}
        state={state}
      >
        <PoolsChart items={model.items} />
      </Panel>
    </div>
  );
}
