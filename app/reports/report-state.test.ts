import { describe, expect, test } from "vitest";
import { presetRange, RANGE_PRESETS, reportLink } from "./report-state";

const anything = { report: "executions", format: "csv", from: "", to: "", repo: "" } as const;

describe("reportLink", () => {
  test("names report and format, and only the filters that are set", () => {
    expect(reportLink(anything)).toEqual({ href: "/api/reports/executions.csv" });
    expect(reportLink({ ...anything, from: "2026-01-01", to: "2026-01-31", repo: "a b&c" })).toEqual({
      href: "/api/reports/executions.csv?from=2026-01-01&to=2026-01-31&repo=a+b%26c",
    });
  });

  test("offers no download for a range that cannot be", () => {
    expect(reportLink({ ...anything, from: "2026-02-01", to: "2026-01-31" })).toHaveProperty("problem");
    expect(reportLink({ ...anything, from: "yesterday" })).toHaveProperty("problem");
  });
});

test("a preset counts today among its days, in UTC", () => {
  const lateEvening = Date.parse("2026-03-01T23:59:00Z");
  const week = RANGE_PRESETS.find(({ days }) => days === 7) ?? { label: "", days: 7 };
  expect(presetRange(week, lateEvening)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
});
