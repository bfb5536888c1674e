"use client";

import { BarChart } from "@mantine/charts";
import { useId } from "react";
import { formatCompact } from "@/lib/format";
import { AXIS_TEXT, FAILURE, GRID, SUCCESS } from "./chart-colors";
import { ChartTooltip } from "./chart-tooltip";
import classes from "./chart.module.css";
import type { OverTimeModel } from "./prepare-over-time";

const HEIGHT = 224;

/** Stacked bars, succeeded below failed. Failed is hatched as well, so that colour is not needed to tell them apart. */
export function ExecutionsChart({ model }: { model: OverTimeModel }) {
  const hatch = `hatch${useId()}`;
  return (
    <figure className={classes.figure} aria-label={`Executions over time. ${model.summary}`}>
      <figcaption className={classes.legend}>
        <span className={classes.key} data-series="succeeded">
          Succeeded
        </span>
        <span className={classes.key} data-series="failed">
          Failed
        </span>
      </figcaption>
      <BarChart
        h={HEIGHT}
        data={model.points}
        dataKey="startMs"
        type="stacked"
        series={[
          { name: "succeeded", label: "Succeeded", color: SUCCESS },
          { name: "failed", label: "Failed", color: FAILURE },
        ]}
        barProps={(series) => (series.name === "failed" ? { fill: `url(#${hatch})` } : {})}
        barChartProps={{ barCategoryGap: "12%", margin: { top: 8, right: 12, left: -4, bottom: 0 } }}
        strokeDasharray="0"
        tickLine="none"
        gridColor={GRID}
        textColor={AXIS_TEXT}
        className={classes.chart}
        xAxisProps={{
          ticks: model.ticks,
          tickFormatter: (ms: number) => model.tickLabels[ms] ?? "",
          interval: "preserveEnd",
          minTickGap: 10,
        }}
        yAxisProps={{
          ticks: model.counts.ticks,
          domain: [0, model.counts.max],
          tickFormatter: formatCompact,
          width: 48,
        }}
        tooltipProps={{
          content: ({ label, active }) => <ChartTooltip model={model} startMs={label} active={active} />,
        }}
      >
        <defs>
          <pattern
            id={hatch}
            width={5}
            height={5}
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width={5} height={5} fill={FAILURE} fillOpacity={0.45} />
            <line x1={0} y1={0} x2={0} y2={5} stroke={FAILURE} strokeWidth={5} />
          </pattern>
        </defs>
      </BarChart>
    </figure>
  );
}
