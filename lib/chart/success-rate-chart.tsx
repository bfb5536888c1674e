"use client";

import { LineChart } from "@mantine/charts";
import { formatPercent } from "@/lib/format";
import { AXIS_TEXT, GRID, SUCCESS } from "./chart-colors";
import { ChartTooltip } from "./chart-tooltip";
import classes from "./chart.module.css";
import type { OverTimeModel } from "./prepare-over-time";

// As tall as the bars beside it with their legend.
const HEIGHT = 246;
const TICKS = [0, 25, 50, 75, 100];

/** A line with gaps where nothing ran. Points are marked, so that one between two gaps is seen. */
export function SuccessRateChart({ model }: { model: OverTimeModel }) {
  return (
    <figure className={classes.figure} aria-label={`Success rate over time, in percent. ${model.summary}`}>
      <LineChart
        h={HEIGHT}
        className={classes.chart}
        data={model.points}
        dataKey="startMs"
        series={[{ name: "successRate", label: "Success rate", color: SUCCESS }]}
        curveType="linear"
        connectNulls={false}
        strokeWidth={1.75}
        dotProps={{ r: 1.75, strokeWidth: 0, fill: SUCCESS }}
        activeDotProps={{ r: 4, strokeWidth: 0 }}
        lineChartProps={{ margin: { top: 8, right: 12, left: 0, bottom: 0 } }}
        strokeDasharray="0"
        tickLine="none"
        gridColor={GRID}
        textColor={AXIS_TEXT}
        xAxisProps={{
          ticks: model.ticks,
          tickFormatter: (ms: number) => model.tickLabels[ms] ?? "",
          interval: "preserveEnd",
          minTickGap: 10,
        }}
        yAxisProps={{
          ticks: TICKS,
          domain: [0, 100],
          tickFormatter: (value: number) => formatPercent(value),
          width: 48,
        }}
        tooltipProps={{
          content: ({ label, active }) => <ChartTooltip model={model} startMs={label} active={active} />,
        }}
      />
    </figure>
  );
}
