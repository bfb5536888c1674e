import { describe, expect, it } from "vitest";
import { capWords, prepareErrors } from "./prepare-errors";
import { prepareKpis } from "./prepare-kpis";
import { prepareOverTime } from "./prepare-over-time";
import { preparePools } from "./prepare-pools";
import { prepareCostByTier, prepareSuccessByTier } from "./prepare-tiers";
import { DAY_MS, HOUR_MS, timeWindow } from "./time-range";
import { scaleFromZero, thinOut } from "./ticks";

const MIDNIGHT = Date.UTC(2026, 0, 10);
const MINUTE_MS = 60_000;
const NO_DATA = { minMs: null, maxMs: null };

describe("time windows", () => {
  it("end after this moment, at a whole minute, and span exactly the range", () => {
    const window = timeWindow("24h", MIDNIGHT + 30_500, NO_DATA);
    expect(window.toMs).toBe(MIDNIGHT + MINUTE_MS);
    expect(window.toMs - window.fromMs).toBe(DAY_MS);
    expect(window.previous).toEqual({ fromMs: window.fromMs - DAY_MS, toMs: window.fromMs });
  });

  it("for all time hold the oldest and the newest execution, even one from a clock ahead of this one", () => {
    const data = { minMs: MIDNIGHT - 400 * DAY_MS, maxMs: MIDNIGHT + DAY_MS };
    const window = timeWindow("all", MIDNIGHT, data);
    expect(window.fromMs).toBeLessThanOrEqual(data.minMs);
    expect(window.toMs).toBeGreaterThan(data.maxMs);
    expect((window.toMs - window.fromMs) / window.bucketMs).toBeLessThanOrEqual(100);
    expect(window.previous).toBeNull();
  });
});

describe("executions over time", () => {
  const window = { fromMs: MIDNIGHT, toMs: MIDNIGHT + 4 * HOUR_MS, bucketMs: HOUR_MS };
  const rows = [
    { bucket_start_ms: MIDNIGHT, succeeded: 3, failed: 1 },
    { bucket_start_ms: MIDNIGHT + 2 * HOUR_MS, succeeded: 0, failed: 2 },
  ];
  const model = prepareOverTime(rows, window);

  it("draws a zero count, but a gap in the rate, where nothing ran", () => {
    expect(model.points.map((point) => point.succeeded + point.failed)).toEqual([4, 0, 2, 0]);
    expect(model.points.map((point) => point.successRate)).toEqual([75, null, 0, null]);
  });

  it("adds up to the rows", () => {
    expect(model).toMatchObject({ total: 6, succeeded: 3 });
    expect(model.summary).toBe("6 executions: 3 succeeded, 3 failed");
  });

  it("covers a window that begins inside a bucket", () => {
    const starts = prepareOverTime([], { ...window, fromMs: MIDNIGHT + 5 * MINUTE_MS }).points.map(
      (p) => p.startMs,
    );
    expect(starts[0]).toBe(MIDNIGHT);
    expect(starts).toHaveLength(4);
  });

  it.each([
    ["minutes", MINUTE_MS, 60],
    ["half hours", 30 * MINUTE_MS, 48],
    ["three hours", 3 * HOUR_MS, 56],
    ["days", DAY_MS, 90],
  ])("labels a chart of %s with at most eight, all different", (_, bucketMs, count) => {
    const { ticks, tickLabels } = prepareOverTime([], {
      fromMs: MIDNIGHT,
      toMs: MIDNIGHT + count * bucketMs,
      bucketMs,
    });
    const labels = ticks.map((ms) => tickLabels[ms]);
    expect(labels.length).toBeGreaterThan(2);
    expect(labels.length).toBeLessThanOrEqual(8);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe("scales", () => {
  it.each([
    [0, { max: 1, ticks: [0, 1] }],
    [3, { max: 3, ticks: [0, 1, 2, 3] }],
    [124, { max: 150, ticks: [0, 50, 100, 150] }],
    [200, { max: 200, ticks: [0, 50, 100, 150, 200] }],
  ])("reach %d in round whole steps", (value, scale) =>
    expect(scaleFromZero(value, { whole: true })).toEqual(scale),
  );

  it("keep fractions where they are allowed", () => {
    expect(scaleFromZero(0.07).ticks).toEqual([0, 0.02, 0.04, 0.06, 0.08]);
  });

  it("keep the newest label when thinning out", () => {
    expect(thinOut([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
  });
});

describe("tiers", () => {
  const rows = [
    { tier: "large", executions: 4, succeeded: 4, cost_usd: 3 },
    { tier: "experimental", executions: 1, succeeded: 0, cost_usd: 0 },
    { tier: "small", executions: 10, succeeded: 9, cost_usd: 1 },
  ];

  it("are listed cheapest first, unknown ones last, on a scale of 0 to 100%", () => {
    const items = prepareSuccessByTier(rows);
    expect(items.map((item) => [item.name, item.label, item.fraction])).toEqual([
      ["small", "90%", 0.9],
      ["large", "100%", 1],
      ["experimental", "0%", 0],
    ]);
    expect(items[0]?.detail).toBe("9 of 10");
  });

  it("compare cost with the dearest tier and name the share of the whole", () => {
    const [small] = prepareCostByTier(rows);
    expect(small).toMatchObject({ label: "$1.00", detail: "10 executions, $0.10 each, 25% of cost" });
    expect(small?.fraction).toBeCloseTo(1 / 3);
  });

  it("that cost nothing have no bar and no share", () => {
    const items = prepareCostByTier([{ tier: "small", executions: 2, succeeded: 2, cost_usd: 0 }]);
    expect(items[0]).toMatchObject({ fraction: 0, detail: "2 executions, $0 each" });
  });
});

describe("errors", () => {
  const row = { error_type: "quality_gate", failed: 3, last_seen_ms: MIDNIGHT, last_message: null };

  it("share is of every failure, also of those not listed, and a cut list says so", () => {
    const model = prepareErrors([{ ...row, total_types: 7, total_failed: 12 }]);
    expect(model.cap).toBe("1 of 7");
    expect(model.items[0]).toMatchObject({ name: "Quality gate", count: "3", share: "25%", fraction: 1 });
  });

  it("that are all shown carry no cap", () => expect(capWords(3, 3)).toBeNull());
});

describe("pools", () => {
  it("show absence where waiting was not recorded", () => {
    const model = preparePools([
      {
        pool: "local",
        executions: 4,
        succeeded: 3,
        p50_seconds: 1.5,
        p95_seconds: 90,
        avg_queue_seconds: null,
        cost_usd: 0,
        total_pools: 1,
      },
    ]);
    expect(model).toEqual({
      cap: null,
      items: [
        {
          name: "local",
          executions: "4",
          fraction: 1,
          successRate: "75%",
          median: "1.5 s",
          p95: "1 min 30 s",
          queue: "-",
          cost: "$0",
        },
      ],
    });
  });
});

describe("headline numbers", () => {
  const none = { executions: 0, succeeded: 0, cost_usd: 0, quality: null, graded: 0 };

  it("carry the bare number, and nothing where there is none", () => {
    const values = prepareKpis(none, null, "last hour").map((tile) => [tile.slug, tile.value]);
    expect(values).toEqual([
      ["executions", "0"],
      ["success-rate", ""],
      ["cost", "0"],
      ["quality", ""],
    ]);
  });

  it("compare with the period before only when something ran in it", () => {
    const now = { executions: 3, succeeded: 2, cost_usd: 0.3, quality: 81.5, graded: 2 };
    const tiles = prepareKpis(now, { ...now, executions: 2, succeeded: 2 }, "last hour");
    expect(tiles.map((tile) => tile.detail)).toEqual([
      "+50% vs previous period",
      "1 failed, down 33.3 points",
      "$0.10 per execution",
      "of 100, 2 of 3 graded",
    ]);
    expect(
      prepareKpis(now, none, "last hour")
        .map((tile) => tile.detail)
        .slice(0, 2),
    ).toEqual(["last hour", "1 failed"]);
    expect(Number(tiles[1]?.value)).toBeCloseTo(66.667, 2);
  });
});
