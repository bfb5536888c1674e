import { describe, expect, test } from "vitest";
import { ratingErrors, ratingValues } from "./rating-form";

function form(entries: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(entries)) data.set(name, value);
  return data;
}

function errorPaths(entries: Record<string, string>): string[] {
  return ratingErrors(ratingValues(form(entries))).map(({ path }) => path);
}

describe("a rating", () => {
  test("is complete with one word when the result was good", () => {
    expect(errorPaths({ satisfaction: "excellent" })).toEqual([]);
    expect(errorPaths({ satisfaction: "good", comment: "" })).toEqual([]);
  });

  test("has to say what was wrong when it was fair or poor", () => {
    expect(errorPaths({ satisfaction: "fair" })).toEqual(["issue_type"]);
    expect(errorPaths({ satisfaction: "poor", issue_type: "too_slow" })).toEqual([]);
  });

  test("has to describe a problem that is none of those named", () => {
    expect(errorPaths({ satisfaction: "poor", issue_type: "other", comment: "  " })).toEqual(["comment"]);
    expect(errorPaths({ satisfaction: "poor", issue_type: "other", comment: "wrong file" })).toEqual([]);
  });

  test("with words that are not offered counts as not given", () => {
    expect(errorPaths({ satisfaction: "splendid" })).toEqual(["satisfaction"]);
    expect(errorPaths({ satisfaction: "fair", issue_type: "bad_weather" })).toEqual(["issue_type"]);
  });
});
