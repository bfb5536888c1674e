import "server-only";
import { quoteText, textOf, type ForeignDatabase } from "../database/foreign";
import type { ImportItems } from "./item";
import { reject } from "./values";

/** All columns as text, so that a wrong value is one row's problem; what cannot be split into columns is kept apart. */
export function csvTable(file: string): string {
  return `read_csv(${quoteText(file)}, header = true, all_varchar = true, store_rejects = true)`;
}

/** The lines that the last read of a `csvTable` had to leave out. */
export async function* damagedLines(database: ForeignDatabase): ImportItems {
  const errors = await database.all(
    "SELECT line::INTEGER AS line, any_value(error_message) AS message FROM reject_errors GROUP BY ALL ORDER BY line",
  );
  for (const { line, message } of errors)
    yield reject(`line ${textOf(line)}`, textOf(message).split("\n")[0] ?? "is damaged");
}
