import type { RecordBatch } from "apache-arrow";

export type Row = Record<string, string | number | boolean | null>;

/**
 * Plain objects of plain values. Statements cast to DOUBLE, INTEGER, BOOLEAN and VARCHAR themselves;
 * a bigint that slips through becomes a number, anything else is refused.
 */
export function toRows(batches: readonly RecordBatch[]): Row[] {
  const rows: Row[] = [];
  for (const batch of batches) {
    const columns = batch.schema.fields.map((field, index) => ({
      name: field.name,
      vector: batch.getChildAt(index),
    }));
    for (let index = 0; index < batch.numRows; index += 1) {
      rows.push(Object.fromEntries(columns.map(({ name, vector }) => [name, plain(vector?.get(index))])));
    }
  }
  return rows;
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return Number(value);
  throw new TypeError(
    `A value that is not plain (${typeof value}) reached the page: cast it in the statement`,
  );
}
