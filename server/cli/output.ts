import "server-only";
import { z } from "zod";
import type { Connection } from "./connection";

export type OutputOptions = { json?: boolean };

/** What a command ends with besides text: exit code 1 unless said otherwise, one line on stderr. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

const problemSchema = z.object({ detail: z.string(), status: z.int() });

/** Asks the API and returns its JSON. @throws CommandFailed with the problem's sentence; exit code 2 for bad input */
export async function ask<T>(
  connection: Connection,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const init =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await connection.request(path, init);
  if (response.ok) return (await response.json()) as T;
  throw await failureOf(response);
}

export async function failureOf(response: Response): Promise<CommandFailed> {
  const parsed = problemSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return new CommandFailed(`the server answered ${response.status}`);
  const badInput = parsed.data.status === 400 || parsed.data.status === 413 || parsed.data.status === 422;
  return new CommandFailed(parsed.data.detail, badInput ? 2 : 1);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Rows as aligned columns; numbers to the right. */
export function printTable(headers: string[], rows: (string | number | null)[][]): void {
  if (rows.length === 0) {
    process.stdout.write("(none)\n");
    return;
  }
  const cells = rows.map((row) => row.map((cell) => (cell === null ? "-" : String(cell))));
  const widths = headers.map((header, i) =>
    Math.max(header.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: string[], align: (i: number) => boolean) =>
    row
      .map((cell, i) => (align(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const numeric = (i: number) => rows.every((row) => row[i] === null || typeof row[i] === "number");
  process.stdout.write(`${[line(headers, numeric), ...cells.map((row) => line(row, numeric))].join("\n")}\n`);
}
