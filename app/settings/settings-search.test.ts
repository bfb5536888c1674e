import { expect, test } from "vitest";
import { matchingSettings, sectionsOf } from "./settings-search";
import type { SettingView } from "@/lib/shape/setting";

function setting(key: string, value: string, description = ""): SettingView {
  return {
    key,
    value,
    default_value: value,
    source: "standard.yaml",
    where: "settings/standard.yaml",
    description,
  };
}

const settings = [
  setting("learning.retention_days", "90", "How long executions are kept."),
  setting("pools.max_workers", "10"),
  setting("learning.enabled", "true"),
];

test("a search finds settings that hold all its words anywhere", () => {
  expect(matchingSettings(settings, "KEPT retention").map(({ key }) => key)).toEqual([
    "learning.retention_days",
  ]);
  expect(matchingSettings(settings, "  ")).toHaveLength(3);
  expect(matchingSettings(settings, "retention workers")).toEqual([]);
});

test("settings are grouped by section however they are ordered", () => {
  expect(sectionsOf(settings).map(([name, entries]) => [name, entries.length])).toEqual([
    ["learning", 2],
    ["pools", 1],
  ]);
});
