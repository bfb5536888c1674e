import type { FieldError, Problem } from "./shape/problem";

const TITLES: Record<number, string> = {
  400: "Bad request",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  413: "Content too large",
  422: "Invalid input",
  429: "Too many requests",
  503: "Not available",
};

/**
 * An error meant for the person who asked: its text may leave the building.
 * Everything else that is thrown is logged and answered with a generic sentence.
 */
export class PoolwiseError extends Error {
  override readonly name = "PoolwiseError";
  readonly problem: Problem;

  constructor(status: number, detail: string, errors: FieldError[] = [], options?: ErrorOptions) {
    super(detail, options);
    this.problem = { type: "about:blank", title: TITLES[status] ?? "Error", status, detail, errors };
  }
}

/** Input that breaks a rule; `errors` names each field. */
export function invalid(errors: FieldError[], options?: ErrorOptions): PoolwiseError {
  const detail = errors
    .map((error) => (error.path ? `${error.path}: ${error.message}` : error.message))
    .join("; ");
  return new PoolwiseError(422, detail, errors, options);
}

export function notFound(what: string): PoolwiseError {
  return new PoolwiseError(404, `${what} does not exist`);
}

/**
 * The problem an error carries, or null when its text is not for outsiders.
 * By shape and not by class: the pages are bundled apart from the server, so each side has its own class.
 */
export function problemOf(error: unknown): Problem | null {
  if (!(error instanceof Error) || error.name !== "PoolwiseError") return null;
  return (error as PoolwiseError).problem;
}

/** One line for logs and terminals, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
