"use client";

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prepareKpis, type KpiTile } from "@/lib/chart/prepare-kpis";
import { ErrorNotice } from "@/lib/ui/error-notice";
import { kpiOptions } from "@/lib/wasm/dashboard-options";
import classes from "./dashboard.module.css";
import { scopeOf, type View } from "./view";

export function KpiRow(view: View) {
  const { previous, words } = view.window;
  const now = useQuery(kpiOptions(scopeOf(view)));
  const before = useQuery({
    ...kpiOptions({
      snapshot: view.snapshot,
      range: { from_ms: previous?.fromMs ?? 0, to_ms: previous?.toMs ?? 0 },
    }),
    enabled: previous !== null,
  });
  if (now.error !== null && now.data === undefined) {
    return (
      <div className={classes.stale}>
        <ErrorNotice
          title="The headline numbers could not be computed"
          description={now.error.message}
          onRetry={() => void now.refetch()}
        />
      </div>
    );
  }
  const row = now.data?.rows[0];
  const past = previous === null ? null : (before.data?.rows[0] ?? null);
  return (
    <div className={classes.kpis}>
      {row === undefined
        ? ["a", "b", "c", "d"].map((key) => <Skeleton key={key} height={98} radius={8} />)
        : prepareKpis(row, past, words).map((tile) => <Tile key={tile.slug} tile={tile} />)}
    </div>
  );
}

function Tile({ tile }: { tile: KpiTile }) {
  return (
    <section className={classes.kpi} aria-label={tile.title}>
      <h2 className={classes.kpiTitle}>{tile.title}</h2>
      <p className={classes.kpiValue} data-testid={`kpi-${tile.slug}`} data-value={tile.value}>
        {tile.text}
      </p>
      <p className={classes.kpiDetail}>{tile.detail}</p>
    </section>
  );
}
