import { PoolwiseError } from "@/lib/errors";
import type { FieldError } from "@/lib/shape/problem";

type RequestOptions = {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
};

/**
 * One call to the server that sent this page; `T` is the type the contract gives for the path, which is not
 * checked again here because page and server are the same release.
 * Errors: `PoolwiseError` with the server's problem, status 503 when no answer came.
 */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function send(path: string, { method = "GET", body, signal }: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      cache: "no-store",
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new PoolwiseError(503, "The server did not answer. Check that Poolwise is running.", [], {
      cause: error,
    });
  }
}

async function refusal(response: Response): Promise<PoolwiseError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = isRecord(body) ? body : {};
  const detail =
    typeof problem.detail === "string" ? problem.detail : `The server answered ${response.status}.`;
  return new PoolwiseError(response.status, detail, fieldErrors(problem.errors));
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry.path === "string" && typeof entry.message === "string"
      ? [{ path: entry.path, message: entry.message }]
      : [],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** True for an error that the same request would get again, so that retrying it only costs time. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PoolwiseError && error.problem.status < 500;
}

/** The sentence to show a person for whatever a query or mutation threw. */
export function sentenceOf(error: unknown): string {
  return error instanceof PoolwiseError ? error.problem.detail : "Something went wrong. Try again.";
}
