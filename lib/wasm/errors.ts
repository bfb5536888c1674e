export type SnapshotErrorCode = "unsupported" | "engine" | "network" | "format" | "changed";

/** A failure of the database in the browser or of what it loads. `message` says what happened, `remedy` what to do. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  readonly code: SnapshotErrorCode;
  readonly remedy: string;

  constructor(code: SnapshotErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

/** A statement that failed, with its text. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly sql: string;

  constructor(message: string, sql: string, options?: ErrorOptions) {
    super(message, options);
    this.sql = sql;
  }
}

// What the engines of Chromium, Firefox and Safari say when WebAssembly code traps.
const TRAP =
  /RuntimeError|unreachable|null function|function signature mismatch|table index is out of bounds|memory access out of bounds|index out of bounds|call_indirect|Out of bounds|Aborted\(/;

/** After a trap the instance's memory is not to be trusted: the worker has to be thrown away. */
export function isTrap(error: unknown): boolean {
  return error instanceof Error && TRAP.test(error.message);
}
