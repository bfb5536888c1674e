import { z } from "zod";
import { QueryError } from "./errors";
import type { Parameters } from "./parameters";
import type { Row } from "./rows";

/** Where a statement is asked: the snapshot in the browser, or a real database in a test. */
export type Ask = (sql: string, parameters: Parameters, signal?: AbortSignal) => Promise<Row[]>;

export type Statement<P extends Parameters, R> = {
  sql: string;
  run: (ask: Ask, parameters: P, signal?: AbortSignal) => Promise<R[]>;
};

/** A statement's text with the shape of its rows; a row of another shape is an error that carries the text. */
export function defineStatement<P extends Parameters, S extends z.ZodType>(
  sql: string,
  row: S,
): Statement<P, z.infer<S>> {
  const rows = z.array(row);
  return {
    sql,
    run: async (ask, parameters, signal) => {
      const parsed = rows.safeParse(await ask(sql, parameters, signal));
      if (parsed.success) return parsed.data;
      throw new QueryError(`The rows are not as expected: ${z.prettifyError(parsed.error)}`, sql, {
        cause: parsed.error,
      });
    },
  };
}
