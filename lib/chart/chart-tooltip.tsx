import { formatCount, formatPercent, NONE } from "@/lib/format";
import classes from "./chart.module.css";
import type { OverTimeModel } from "./prepare-over-time";

type ChartTooltipProps = { model: OverTimeModel; startMs: unknown; active: boolean | undefined };

export function ChartTooltip({ model, startMs, active }: ChartTooltipProps) {
  const point = model.points.find((candidate) => candidate.startMs === startMs);
  if (active !== true || point === undefined) return null;
  return (
    <div className={classes.tooltip}>
      <p className={classes.tooltipTitle}>{point.label}</p>
      <dl className={classes.tooltipList}>
        <dt className={classes.key} data-series="succeeded">
          Succeeded
        </dt>
        <dd>{formatCount(point.succeeded)}</dd>
        <dt className={classes.key} data-series="failed">
          Failed
        </dt>
        <dd>{formatCount(point.failed)}</dd>
        <dt>Success rate</dt>
        <dd>{point.successRate === null ? NONE : formatPercent(point.successRate)}</dd>
      </dl>
    </div>
  );
}
