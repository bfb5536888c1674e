"use server";

import { redirect } from "next/navigation";
import { getRuntime } from "@/server/runtime";
import { refusalOf } from "../refusal";
import { submissionValues, toSubmission, type SubmitState } from "./submission-form";

export async function submitTask(_previous: SubmitState, form: FormData): Promise<SubmitState> {
  const values = submissionValues((field) => form.get(field));
  const { input, errors } = toSubmission(values);
  if (errors.length > 0) return { message: "Some fields need another look.", errors, values };
  let taskId: string;
  try {
    taskId = (await getRuntime().tasks.submit(input)).task_id;
  } catch (error) {
    return { ...refusalOf(error, "submitTask"), values };
  }
  redirect(`/tasks/${taskId}`);
}
