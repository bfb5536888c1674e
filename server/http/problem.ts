import "server-only";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { randomUUID } from "node:crypto";
import { messageOf, problemOf } from "@/lib/errors";
import type { Problem } from "@/lib/shape/problem";
import type { Logger } from "../log";

export function problem(status: number, title: string, detail: string): Problem {
  return { type: "about:blank", title, status, detail, errors: [] };
}

export function sendProblem(body: Problem): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

/** What is meant for the person goes out; anything else is logged under an id that the answer names. */
export function answerError(error: Error, context: Context, logger: Logger): Response {
  const known = problemOf(error);
  if (known) return sendProblem(known);
  if (error instanceof HTTPException)
    return sendProblem(problem(error.status, "Request refused", error.message || "The request was refused"));
  const id = randomUUID();
  logger.error(
    { id, path: context.req.path, error: messageOf(error), stack: error.stack },
    "A request failed",
  );
  return sendProblem(
    problem(
      500,
      "Internal error",
      `Something went wrong on the server; its log has the details under ${id}.`,
    ),
  );
}
