import "server-only";
import { basename } from "node:path";
import { z } from "zod";
import { POOL_TYPES } from "@/lib/shape/pool";
import { selectorSchema } from "@/lib/shape/selector";
import { tierSchema } from "@/lib/shape/tier";

const fraction = z.number().min(0).max(1);
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const name = z.string().regex(NAME, "letters, digits, '_', '.', '-'; at most 63 characters");
const workers = z.int().min(1).max(256);
const workerType = z.enum(["auto", "command", "model"]);
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const tier = z.strictObject({
  models: z.array(z.string().min(1)).min(1),
  max_tokens: z.int().min(1),
  cost_per_1k_tokens: z.number().min(0),
});

/** Beside it lie the lock, the write-ahead log and the folders of the data directory, so it may be none of them. */
const databaseFile = z
  .string()
  .max(200)
  .refine(
    (file) => /[^.]\.(?:db|duckdb)$/.test(file) && basename(file) === file && !/[\\\p{Cc}]/u.test(file),
    "a plain file name that ends in .db or .duckdb",
  );

const poolDefinition = z
  .strictObject({
    name,
    type: z.enum(POOL_TYPES).optional(),
    min_workers: workers.optional(),
    max_workers: workers.optional(),
    worker_type: workerType.optional(),
  })
  .refine((pool) => (pool.min_workers ?? 0) <= (pool.max_workers ?? Infinity), {
    path: ["min_workers"],
    message: "at most the pool's max_workers",
  });

type Thresholds = {
  success_rate_warning: number;
  success_rate_critical: number;
  database_size_warning_mb: number;
  database_size_critical_mb: number;
};

/** A warning that comes after what it warns of would never be seen. */
function thresholdsInOrder({ value, issues }: z.core.ParsePayload<Thresholds>): void {
  const { success_rate_warning: rate, database_size_warning_mb: size } = value;
  const report = (key: keyof Thresholds, message: string) =>
    issues.push({ code: "custom", input: value[key], path: [key], message });
  if (value.success_rate_critical > rate)
    report("success_rate_critical", `at most monitoring.success_rate_warning (${rate})`);
  if (value.database_size_critical_mb < size)
    report("database_size_critical_mb", `at least monitoring.database_size_warning_mb (${size})`);
}

/** The whole of the settings after merging; see settings/standard.yaml for units and meaning. */
export const settingsSchema = z.strictObject({
  learning: z.strictObject({
    enabled: z.boolean(),
    database_path: databaseFile,
    retention_days: z.int().min(1).max(36_500),
    enable_feedback_collection: z.boolean(),
    enable_telemetry_capture: z.boolean(),
    similarity_threshold: fraction,
    min_samples_for_learning: z.int().min(1),
    embedding_model: z.string().min(1),
  }),
  model_routing: z.strictObject({
    enabled: z.boolean(),
    default_tier: tierSchema,
    auto_tier_selection: z.boolean(),
    min_confidence_threshold: fraction,
    mode: z.enum(["apply", "observe", "bypass"]),
    small_tier: tier,
    medium_tier: tier,
    large_tier: tier,
  }),
  pools: z
    .strictObject({
      default_type: z.enum(POOL_TYPES),
      routing_strategy: selectorSchema,
      min_workers: workers,
      max_workers: workers,
      definitions: z
        .array(poolDefinition)
        .min(1, "at least one pool")
        .refine(
          (pools) => new Set(pools.map((pool) => pool.name)).size === pools.length,
          "pool names must differ",
        ),
    })
    .refine((pools) => pools.min_workers <= pools.max_workers, {
      path: ["min_workers"],
      message: "at most max_workers",
    }),
  workers: z.strictObject({
    default_type: workerType,
    timeout_seconds: z.number().min(1).max(86_400),
    output_limit_bytes: z
      .int()
      .min(1_024)
      .max(256 * 1024 * 1024),
  }),
  providers: z.record(
    name,
    z.strictObject({
      kind: z.enum(["openai-compatible", "ollama"]),
      base_url: z.url({ protocol: /^https?$/ }),
      api_key_env: z.string().regex(ENVIRONMENT_NAME, "the name of an environment variable").optional(),
    }),
  ),
  repos: z.record(
    name,
    z.strictObject({
      path: z.string().min(1),
      description: z.string().default(""),
      tags: z.array(z.string()).default([]),
    }),
  ),
  snapshots: z.strictObject({
    interval_seconds: z.number().min(1).max(86_400),
    keep_versions: z.int().min(1).max(10_000),
    compression: z.enum(["zstd", "snappy", "gzip", "uncompressed"]),
  }),
  monitoring: z
    .strictObject({
      success_rate_warning: fraction,
      success_rate_critical: fraction,
      database_size_warning_mb: z.number().min(0),
      database_size_critical_mb: z.number().min(0),
      disk_free_warning_mb: z.number().min(0),
    })
    .check(thresholdsInOrder),
  server: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(0).max(65_535),
    shutdown_grace_seconds: z.number().min(0).max(3_600),
    max_body_mb: z.number().min(1).max(1_024),
  }),
  auth: z
    .strictObject({
      enabled: z.boolean(),
      tokens: z.array(
        z.strictObject({
          name,
          role: z.enum(["viewer", "operator", "admin"]),
          sha256: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 digest as 64 lower-case hex digits"),
        }),
      ),
    })
    .refine((auth) => !auth.enabled || auth.tokens.length > 0, {
      path: ["tokens"],
      message: "at least one token when auth.enabled is true",
    }),
});

export type Settings = z.infer<typeof settingsSchema>;
