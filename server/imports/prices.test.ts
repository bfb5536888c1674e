import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadPrices } from "./prices";

const root = fileURLToPath(new URL("../..", import.meta.url));
const prices = loadPrices({ root, settingsDir: `${root}/settings` });
const million = { input: 1e6, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };

test.each<[string, string, number | null]>([
  ["claude-opus-4-1-20250805", "large", 15],
  ["claude-opus-4-20250514", "large", 15],
  ["us.anthropic.claude-opus-4-5-20251101-v1:0", "large", 5],
  ["openrouter/anthropic/claude-sonnet-4.5", "medium", 3],
  ["claude-sonnet-4@20250514", "medium", 3],
  ["claude-sonnet-4-5[1m]", "medium", 3],
  ["claude-opus-4-99", "large", null],
  ["gpt-4o-mini-2024-07-18", "small", 0.15],
  ["gpt-5.99", "medium", null],
  ["models/gemini-2.5-flash", "small", 0.3],
  ["llama3:8b", "small", null],
  ["something-else", "medium", null],
])("%s is %s and costs %j USD per million input tokens", (model, tier, price) => {
  expect([prices.tier(model), prices.cost(model, million)]).toEqual([tier, price]);
});

test("cached tokens, tokens kept for an hour and long prompts have prices of their own", () => {
  const usage = { input: 1_000, output: 1_000, cacheRead: 10_000, cacheWrite: 1_000, cacheWrite1h: 1_000 };
  const expected = (1_000 * 3 + 1_000 * 15 + 10_000 * 0.3 + 1_000 * 3.75 + 1_000 * 6) / 1e6;
  expect(prices.cost("claude-sonnet-4-5", usage)).toBeCloseTo(expected, 9);
  expect(prices.cost("gemini-2.5-pro", { ...million, input: 200_000 })).toBeCloseTo(0.25, 9);
  expect(prices.cost("gemini-2.5-pro", { ...million, input: 400_000 })).toBeCloseTo(1, 9);
  expect(prices.cost("o3-pro", { ...million, input: 0, cacheRead: 1e6 })).toBeCloseTo(20, 9);
});
