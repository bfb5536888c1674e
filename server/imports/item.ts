import "server-only";
import type { ImportReject, ImportRow } from "@/lib/shape/import";
import type { Prices } from "./prices";

/**
 * What a reader finds: a row, something that cannot be one, or a remark on what was passed over on purpose
 * (the same remark is counted, not repeated).
 */
export type ImportItem = { row: ImportRow } | { reject: ImportReject } | { note: string };
export type ImportItems = AsyncIterable<ImportItem>;

export type ReadOptions = {
  /** Take texts too: prompts, answers, summaries and the embeddings made from them. */
  withText: boolean;
  /** Repository of rows whose source names none. */
  repo: string | null;
  prices: Prices;
  /** Epoch milliseconds. */
  now: number;
};

/** The path does not lead to what this source reads; a usage error. */
export class WrongInput extends Error {
  override readonly name = "WrongInput";
}
