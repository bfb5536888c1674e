import "server-only";
import { z } from "zod";

/** Arguments that stand for something of the task. They are whole arguments, never parts of one. */
const PLACEHOLDERS = ["{repo}", "{files}", "{files|.}", "{prompt}"] as const;

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|^POOLWISE_/i;

const argument = z
  .string()
  .refine((value) => !value.includes("\0"), "an argument without NUL characters")
  .refine(
    (value) => PLACEHOLDERS.some((name) => name === value) || !/\{(repo|files|prompt)\b/.test(value),
    `a placeholder (${PLACEHOLDERS.join(", ")}) as a whole argument, not as a part of one`,
  );

const relativePath = z
  .string()
  .min(1)
  .refine(
    (value) => !value.startsWith("/") && !value.split("/").includes(".."),
    "a path inside the repository",
  );

const anyOf = <T extends z.ZodType<string>>(item: T) =>
  z.union([item.transform((value) => [value]), z.array(item).min(1)]);

const conditionSchema = z.strictObject({
  file: anyOf(relativePath).optional(),
  file_contains: z.strictObject({ file: relativePath, text: z.string().min(1) }).optional(),
  script: anyOf(z.string().min(1)).optional(),
  command: anyOf(z.string().regex(/^[^/]+$/, "the name of a program on PATH")).optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

const variantSchema = z.strictObject({
  when: conditionSchema.default({}),
  argv: z
    .array(argument)
    .min(1)
    .refine((argv) => !PLACEHOLDERS.some((name) => name === argv[0]), "a program first, not a placeholder"),
});
export type Variant = z.infer<typeof variantSchema>;

function isPattern(value: string): boolean {
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

const qualitySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exit_code") }),
  z.strictObject({
    kind: z.literal("findings"),
    per_finding: z.number().positive().max(100),
    pattern: z.string().refine(isPattern, "a regular expression").optional(),
  }),
]);
export type Quality = z.infer<typeof qualitySchema>;

const envSchema = z.strictObject({
  pass: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_]\w*$/, "the name of an environment variable")
        .refine((name) => !SECRET_NAME.test(name), "a variable that cannot hold a secret"),
    )
    .default([]),
  set: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, "the name of an environment variable"), z.string())
    .default({}),
});
export type RecipeEnv = z.infer<typeof envSchema>;

const recipeSchema = z.strictObject({
  description: z.string().min(1),
  task_types: z.array(z.string().min(1)).default([]),
  read_only: z.boolean(),
  timeout_seconds: z.number().min(1).max(86_400).optional(),
  success_exit_codes: z.array(z.int().min(0).max(255)).min(1).default([0]),
  failure_type: z.enum(["quality_gate", "unknown"]).default("unknown"),
  quality: qualitySchema.optional(),
  variants: z.array(variantSchema).min(1),
  env: envSchema.default({ pass: [], set: {} }),
});

export const recipeFileSchema = z.strictObject({
  env: envSchema.default({ pass: [], set: {} }),
  recipes: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name of small letters, digits and '-'"),
    recipeSchema,
  ),
});

export type Recipe = Omit<z.infer<typeof recipeSchema>, "timeout_seconds"> & {
  name: string;
  timeout_seconds: number;
};
