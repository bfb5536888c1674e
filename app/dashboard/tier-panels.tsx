"use client";

import { useQuery } from "@tanstack/react-query";
import { BarsChart } from "@/lib/chart/bars-chart";
import { prepareCostByTier, prepareSuccessByTier } from "@/lib/chart/prepare-tiers";
import { Panel } from "@/lib/ui/panel";
import { tierOptions } from "@/lib/wasm/dashboard-options";
import classes from "./dashboard.module.css";
import { nothingRan, panelState } from "./panel-state";
import { scopeOf, type View } from "./view";

export function TierPanels(view: View) {
  const query = useQuery(tierOptions(scopeOf(view)));
  const rows = query.data?.rows ?? [];
  const state = panelState(query, { isEmpty: rows.length === 0, empty: nothingRan(view.window.words) });
  return (
    <>
      <div className={classes.third}>
        <Panel title="Success by tier" slug="success-by-tier" subtitle="Share that succeeded" state={state}>
          <BarsChart items={prepareSuccessByTier(rows)} label="Success rate by model tier" />
        </Panel>
      </div>
      <div className={classes.third}>
        <Panel title="Cost by tier" slug="cost-by-tier" subtitle="US dollars spent" state={state}>
          <BarsChart items={prepareCostByTier(rows)} label="Cost by model tier" />
        </Panel>
      </div>
    </>
  );
}
