import "server-only";
import { APICallError } from "ai";
import { messageOf } from "@/lib/errors";
import type { ErrorType } from "@/lib/shape/error-type";

type ModelError = {
  errorType: Extract<ErrorType, "rate_limit" | "budget" | "provider">;
  message: string;
};

const PAYMENT_REQUIRED = 402;
const TOO_MANY_REQUESTS = 429;
/** Words by which providers say that money has run out; they send them with 429 and with 400 alike. */
const OUT_OF_BUDGET =
  /insufficient_quota|insufficient_credit|insufficient balance|billing_hard_limit|credit balance is too low/i;
const OVER_RATE = /rate_limit|rate limit|too many requests/i;

/** Tells what a model call failed of. `secret` is kept out of the message, should the provider repeat it. */
export function classifyModelError(error: unknown, secret: string | null): ModelError {
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  const text = `${textOf(error)} ${APICallError.isInstance(error) ? (error.responseBody ?? "") : ""}`;
  const message = hide(`${status === undefined ? "" : `HTTP ${status}: `}${textOf(error)}`, secret);
  if (status === PAYMENT_REQUIRED || OUT_OF_BUDGET.test(text)) return { errorType: "budget", message };
  if (status === TOO_MANY_REQUESTS) return { errorType: "rate_limit", message };
  if (status === undefined && OVER_RATE.test(text)) return { errorType: "rate_limit", message };
  return { errorType: "provider", message };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return textOfSent(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}

/** An error inside the stream arrives as whatever the provider sent. */
function textOfSent(error: unknown): string {
  if (typeof error !== "object" || error === null) return messageOf(error);
  if (!("message" in error) || typeof error.message !== "string") return JSON.stringify(error);
  return "code" in error && typeof error.code === "string"
    ? `${error.message} (${error.code})`
    : error.message;
}

function hide(text: string, secret: string | null): string {
  return secret === null ? text : text.replaceAll(secret, "[key]");
}
