import { ISSUE_TYPES, SATISFACTION, type TaskFeedback } from "@/lib/shape/task";
import type { FieldError } from "@/lib/shape/problem";

export type Satisfaction = (typeof SATISFACTION)[number];
export type IssueType = (typeof ISSUE_TYPES)[number];

export type RatingValues = {
  satisfaction: Satisfaction | null;
  issue_type: IssueType | null;
  comment: string;
};

export type RatingState = {
  saved: TaskFeedback | null;
  message: string | null;
  errors: FieldError[];
  values: RatingValues;
};

export const UNRATED: RatingState = {
  saved: null,
  message: null,
  errors: [],
  values: { satisfaction: null, issue_type: null, comment: "" },
};

export function ratingValues(form: FormData): RatingValues {
  const comment = form.get("comment");
  return {
    satisfaction: SATISFACTION.find((known) => known === form.get("satisfaction")) ?? null,
    issue_type: ISSUE_TYPES.find((known) => known === form.get("issue_type")) ?? null,
    comment: typeof comment === "string" ? comment : "",
  };
}

/** A rating that says something went wrong has to say what, or nothing can be learned from it. */
export function needsIssue(satisfaction: Satisfaction | null): boolean {
  return satisfaction === "fair" || satisfaction === "poor";
}

export function ratingErrors({ satisfaction, issue_type, comment }: RatingValues): FieldError[] {
  const errors: FieldError[] = [];
  if (satisfaction === null)
    errors.push({ path: "satisfaction", message: "Choose one of the four ratings." });
  if (!needsIssue(satisfaction)) return errors;
  if (issue_type === null) errors.push({ path: "issue_type", message: "Say what was wrong." });
  if (issue_type === "other" && comment.trim() === "") {
    errors.push({ path: "comment", message: "Describe the problem in a few words." });
  }
  return errors;
}
