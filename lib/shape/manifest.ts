import { z } from "zod";

export const PART_NAME = /^[a-z_]+-(?:\d{4}-\d{2}-\d{2}|all)\.[0-9a-f]{16}\.parquet$/;

const timestamp = z.string().nullable();

const partSchema = z.object({
  file: z.string().regex(PART_NAME),
  /** UTC day `YYYY-MM-DD`, or `all` for a table that is published whole. */
  day: z.string(),
  rows: z.int(),
  bytes: z.int(),
  min_timestamp: timestamp,
  max_timestamp: timestamp,
  sha256: z.string(),
});
export type SnapshotPart = z.infer<typeof partSchema>;

const tableSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.int(),
  min_timestamp: timestamp,
  max_timestamp: timestamp,
  parts: z.array(partSchema),
});
export type SnapshotTable = z.infer<typeof tableSchema>;

/** `snapshots/manifest.json`. Timestamps are ISO 8601 UTC. */
export const manifestSchema = z.object({
  format: z.literal("poolwise-snapshot"),
  version: z.literal(1),
  created_at: z.string(),
  generation: z.int(),
  tables: z.record(z.string(), tableSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;
