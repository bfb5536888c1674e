"use client";

import { SegmentedControl } from "@mantine/core";
import { RANGES } from "@/lib/chart/time-range";
import { useRange } from "./use-window";

export function RangePicker() {
  const { range, setRange } = useRange();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Time range"
      value={range}
      onChange={setRange}
      data={RANGES.map((value) => ({ value, label: value === "all" ? "All" : value }))}
    />
  );
}
