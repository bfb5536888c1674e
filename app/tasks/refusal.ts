import "server-only";
import { problemOf } from "@/lib/errors";
import { createLogger } from "@/server/log";
import type { FieldError } from "@/lib/shape/problem";

export type Refusal = { message: string; errors: FieldError[] };

const log = createLogger();

/** What a server action may tell a person about an error; everything unforeseen is logged and told in general words. */
export function refusalOf(error: unknown, action: string): Refusal {
  const problem = problemOf(error);
  if (problem) return { message: problem.detail, errors: problem.errors };
  log.error({ err: error, action }, "server action failed");
  return { message: "The server could not do this. Its log says why.", errors: [] };
}
