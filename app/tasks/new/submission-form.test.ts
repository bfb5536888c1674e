import { describe, expect, test } from "vitest";
import {
  errorsByField,
  generalErrors,
  submissionValues,
  toSubmission,
  type SubmissionField,
} from "./submission-form";
import { taskSubmissionSchema } from "@/lib/shape/task";

function typed(fields: Partial<Record<SubmissionField, string>>) {
  return submissionValues((field) => fields[field]);
}

describe("toSubmission", () => {
  test("leaves empty fields to the server's defaults", () => {
    expect(toSubmission(typed({ recipe: "lint", repo: " " })).input).toEqual({ recipe: "lint" });
  });

  test("a filled form is a valid submission", () => {
    const { input, errors } = toSubmission(
      typed({
        type: "review",
        prompt: "Look at this\nand that",
        repo: "poolwise",
        files: "a.ts\r\n\r\n  lib/b.ts ",
        tier: "small",
        strategy: "affinity",
        affinity: "default",
        estimated_tokens: "1200",
        timeout_seconds: "60",
        retries: "2",
        priority: "-5",
        metadata: "team=core\nurl=https://x.test/?a=b",
      }),
    );
    expect(errors).toEqual([]);
    expect(taskSubmissionSchema.parse(input)).toMatchObject({
      prompt: "Look at this\nand that",
      files: ["a.ts", "lib/b.ts"],
      estimated_tokens: 1200,
      retries: 2,
      priority: -5,
      metadata: { team: "core", url: "https://x.test/?a=b" },
    });
  });

  test("keeps the prompt's own spaces", () => {
    expect(toSubmission(typed({ prompt: "  indented\n" })).input.prompt).toBe("  indented\n");
  });

  test("names the field that is not a number and the line without a value", () => {
    const { errors } = toSubmission(typed({ recipe: "lint", retries: "two", metadata: "a=1\nnothing" }));
    expect(errors).toEqual([
      { path: "retries", message: "must be a number" },
      { path: "metadata", message: '"nothing" is not of the form key=value' },
    ]);
  });
});

test("errors are shown at their field, with the line of a list, and none is lost", () => {
  const errors = [
    { path: "files.1", message: "must not be empty" },
    { path: "prompt", message: "a prompt or a recipe is needed" },
    { path: "", message: "about the whole" },
  ];
  expect(errorsByField(errors)).toEqual({
    files: "Line 2: must not be empty",
    prompt: "A prompt or a recipe is needed",
  });
  expect(generalErrors(errors)).toEqual(["about the whole"]);
});
