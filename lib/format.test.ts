import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatPercent,
  formatRelativeTime,
  formatUsd,
  formatUtc,
  pluralize,
} from "./format";

describe("counts", () => {
  it("groups thousands and keeps every digit", () => {
    expect(formatCount(1_234_567)).toBe("1,234,567");
    expect(formatCompact(9_999)).toBe("9,999");
    expect(formatCompact(12_345)).toBe("12.3K");
  });

  it("agrees in number", () => {
    expect(pluralize(1, "execution")).toBe("1 execution");
    expect(pluralize(0, "execution")).toBe("0 executions");
  });
});

describe("percent", () => {
  it.each([
    [0, "0%"],
    [100, "100%"],
    [66.666, "66.7%"],
    [50, "50%"],
  ])("%d reads %s", (value, text) => expect(formatPercent(value)).toBe(text));

  it("never rounds a rate to perfect or to none when it is not", () => {
    expect(formatPercent(99.99)).toBe(">99.9%");
    expect(formatPercent(0.01)).toBe("<0.1%");
    expect(formatPercent(99.7, 0)).toBe(">99%");
  });
});

describe("dollars", () => {
  it.each([
    [0, "$0"],
    [0.000_421, "$0.00042"],
    [0.012_3, "$0.012"],
    [0.5, "$0.50"],
    [0.999, "$1.00"],
    [12.345, "$12.35"],
    [1_234.5, "$1,235"],
    [45_678, "$45.7K"],
    [0.000_000_01, "<$0.000001"],
  ])("%d reads %s", (value, text) => expect(formatUsd(value)).toBe(text));
});

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [0.25, "250 ms"],
    [0.999_9, "1 s"],
    [4.25, "4.3 s"],
    [59.6, "1 min"],
    [185, "3 min 5 s"],
    [7_500, "2 h 5 min"],
    [90_000, "1 d 1 h"],
  ])("%d s reads %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [999_600, "1 MB"],
    [34_242_586, "34 MB"],
  ])("%d reads %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("times", () => {
  const then = Date.UTC(2026, 1, 3, 14, 5, 6);

  it.each([
    [0, "0 s ago"],
    [12_999, "12 s ago"],
    [60_000, "1 min ago"],
    [3_600_000, "1 h ago"],
    [47 * 3_600_000, "47 h ago"],
    [72 * 3_600_000, "3 d ago"],
    [-5_000, "now"],
  ])("%d ms later reads %s", (passed, text) => expect(formatRelativeTime(then, then + passed)).toBe(text));

  it("writes UTC the same everywhere", () => expect(formatUtc(then)).toBe("2026-02-03 14:05:06 UTC"));
});
