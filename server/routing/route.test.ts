import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confidenceOf, policyVersion, route, tierOf, type RouteRequest, type RoutingRules } from "./route";
import { estimateTokens, scoreTask } from "./score";

const rules: RoutingRules = {
  enabled: true,
  default_tier: "medium",
  auto_tier_selection: true,
  min_confidence_threshold: 0.6,
  tiers: {
    small: { models: ["s"], max_tokens: 4_000, cost_per_1k_tokens: 0.00025 },
    medium: { models: ["m"], max_tokens: 16_000, cost_per_1k_tokens: 0.003 },
    large: { models: ["l"], max_tokens: 128_000, cost_per_1k_tokens: 0.015 },
  },
};
const request: RouteRequest = {
  type: "formatting",
  description: "",
  fileCount: 0,
  estimatedTokens: 0,
  callsModel: true,
};
const score = (change: Partial<RouteRequest>) => scoreTask({ ...request, ...change }).score;

describe("the complexity score", () => {
  test.each([
    [0, 0],
    [1, 0],
    [2, 5],
    [3, 5],
    [4, 10],
    [5, 10],
    [6, 20],
    [10, 20],
    [11, 30],
  ])("%i files give %i points", (fileCount, points) => {
    expect(score({ fileCount })).toBe(points);
  });
  test.each([
    [0, 0],
    [999, 0],
    [1_000, 5],
    [3_999, 5],
    [4_000, 10],
    [7_999, 10],
    [8_000, 20],
    [16_000, 20],
    [16_001, 30],
  ])("%i tokens give %i points", (estimatedTokens, points) => {
    expect(score({ estimatedTokens })).toBe(points);
  });
  test.each([
    ["formatting", 0],
    ["linting", 3],
    ["documentation", 5],
    ["debugging", 20],
    ["security_analysis", 38],
    ["critical_decision", 40],
    ["anything else", 15],
  ])("type %s gives %i points", (type, points) => {
    expect(score({ type })).toBe(points);
  });
  test.each([
    ["Design the design, redesign nothing", 5],
    ["SECURITY and performance migrations", 15],
    ["securities", 5],
    ["designing a designed thing", 5],
    ["linting, formatted", -10],
    ["simpler, basic, trivial", -15],
    ["a linter, a formatter and a designer", 0],
    ["informational splinter", 0],
    ["", 0],
  ])("the words of %j give %i points", (description, points) => {
    expect(score({ description, type: "architecture" }) - 35).toBe(points);
  });
  test("is clamped to 0 and 100", () => {
    expect(score({ description: "format lint simple" })).toBe(0);
    expect(
      score({
        type: "critical_decision",
        fileCount: 50,
        estimatedTokens: 20_000,
        description: "security design",
      }),
    ).toBe(100);
  });
  test("its parts add up to it for any input", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(40),
        fc.nat(50_000),
        fc.string(),
        (type, fileCount, estimatedTokens, description) => {
          const scored = scoreTask({ type, fileCount, estimatedTokens, description });
          const sum = scored.parts.reduce((total, part) => total + part.points, 0);
          expect(scored.score).toBe(Math.min(100, Math.max(0, sum)));
        },
      ),
    );
  });
  test("a prompt is about two characters a token", () => {
    expect(estimateTokens("abcd")).toBe(2);
  });
});

describe("the static router", () => {
  test.each([
    [0, "small", 0.9],
    [29, "small", 0.9],
    [30, "medium", 0.6],
    [45, "medium", 0.75],
    [59, "medium", 0.61],
    [60, "large", 0.9],
    [100, "large", 0.9],
  ] as const)("score %i goes to %s with confidence %f", (value, tier, confidence) => {
    expect(tierOf(value)).toBe(tier);
    expect(confidenceOf(value)).toBe(confidence);
  });
  test.each([
    ["small", 98.33],
    ["medium", 80],
    ["large", 0],
  ] as const)("%s is expected to save %f percent", (tier, savings) => {
    expect(route({ ...request, tier }, rules).expected_savings).toBe(savings);
  });
  test("an unsure score takes the default tier and says so", () => {
    const decided = route(
      { ...request, type: "multi_file_changes" },
      { ...rules, min_confidence_threshold: 0.65, default_tier: "large" },
    );
    expect(decided).toMatchObject({ tier: "large", confidence: 0.6, complexity_score: 30 });
    expect(decided.reason).toMatch(
      /points to medium, but confidence 0.60 is below 0.65, so the default tier large/,
    );
  });
  test("a tier that cannot take the context is passed over", () => {
    expect(route({ ...request, estimatedTokens: 5_000 }, rules)).toMatchObject({
      tier: "medium",
      model: "m",
    });
    expect(route({ ...request, estimatedTokens: 5_000, callsModel: false }, rules).tier).toBe("small");
    expect(route({ ...request, estimatedTokens: 500_000 }, rules).tier).toBe("large");
  });
  test("an explicit tier wins over score and context, and the reason warns", () => {
    const decided = route(
      { ...request, tier: "small", type: "critical_decision", estimatedTokens: 5_000 },
      rules,
    );
    expect(decided.tier).toBe("small");
    expect(decided.reason).toMatch(/was asked for.*may be cut off/);
  });
  test("what it would cost is the tier's price for the tokens, and nothing for a command", () => {
    expect(route({ ...request, estimatedTokens: 2_000, tier: "large" }, rules).cost_estimate).toBeCloseTo(
      0.03,
      10,
    );
    expect(
      route({ ...request, estimatedTokens: 2_000, tier: "large", callsModel: false }, rules).cost_estimate,
    ).toBe(0);
  });
  test("the same rules have the same version, others another", () => {
    expect(policyVersion({ ...rules })).toBe(policyVersion(rules));
    expect(policyVersion({ ...rules, default_tier: "small" })).not.toBe(policyVersion(rules));
  });
});
