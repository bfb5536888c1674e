"use server";

import { revalidatePath } from "next/cache";
import { getRuntime } from "@/server/runtime";
import { refusalOf } from "../refusal";
import { needsIssue, ratingErrors, ratingValues, type RatingState } from "./rating-form";

export async function rateTask(taskId: string, _previous: RatingState, form: FormData): Promise<RatingState> {
  const values = ratingValues(form);
  const errors = ratingErrors(values);
  if (errors.length > 0) return { saved: null, message: null, errors, values };
  const comment = values.comment.trim();
  try {
    const saved = await getRuntime().tasks.rate(taskId, {
      satisfaction: values.satisfaction,
      ...(needsIssue(values.satisfaction) ? { issue_type: values.issue_type } : {}),
      ...(comment === "" ? {} : { comment }),
    });
    revalidatePath(`/tasks/${taskId}`);
    return { saved, message: null, errors: [], values };
  } catch (error) {
    return { saved: null, ...refusalOf(error, "rateTask"), values };
  }
}
