import type { FieldError } from "@/lib/shape/problem";

/** The form's fields, by the names that the API has for them. */
export const SUBMISSION_FIELDS = [
  "type",
  "prompt",
  "repo",
  "files",
  "recipe",
  "tier",
  "pool",
  "strategy",
  "affinity",
  "estimated_tokens",
  "timeout_seconds",
  "retries",
  "priority",
  "idempotency_key",
  "check",
  "metadata",
] as const;
export type SubmissionField = (typeof SUBMISSION_FIELDS)[number];

/** What a person typed, as typed; an untouched field is the empty string. */
export type SubmissionValues = Record<SubmissionField, string>;

/** What the server action answers when a submission is refused. */
export type SubmitState = { message: string | null; errors: FieldError[]; values: SubmissionValues };

const NUMBERS: ReadonlySet<SubmissionField> = new Set([
  "estimated_tokens",
  "timeout_seconds",
  "retries",
  "priority",
]);

/** Reads every field with `read`, whose other kinds of answer (files, lists, absence) count as untouched. */
export function submissionValues(read: (field: SubmissionField) => unknown): SubmissionValues {
  const entries = SUBMISSION_FIELDS.map((field) => {
    const value = read(field);
    return [field, typeof value === "string" ? value.replaceAll("\r\n", "\n") : ""];
  });
  return Object.fromEntries(entries) as SubmissionValues;
}

/**
 * The submission in the API's shape, without the fields left empty so that the server's defaults apply.
 * `errors` holds what cannot be put in that shape; the rules themselves are the server's.
 */
export function toSubmission(values: SubmissionValues): {
  input: Record<string, unknown>;
  errors: FieldError[];
} {
  const input: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const field of SUBMISSION_FIELDS) {
    const text = values[field].trim();
    if (text === "") continue;
    if (NUMBERS.has(field)) {
      const number = Number(text);
      if (Number.isFinite(number)) input[field] = number;
      else errors.push({ path: field, message: "must be a number" });
    } else if (field === "files") {
      input.files = nonEmptyLines(text);
    } else if (field === "metadata") {
      const metadata = readMetadata(text);
      input.metadata = metadata.entries;
      errors.push(...metadata.errors);
    } else {
      input[field] = field === "prompt" ? values.prompt : text;
    }
  }
  return { input, errors };
}

function nonEmptyLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function readMetadata(text: string): { entries: Record<string, string>; errors: FieldError[] } {
  const entries: [string, string][] = [];
  const errors: FieldError[] = [];
  for (const line of nonEmptyLines(text)) {
    const equals = line.indexOf("=");
    if (equals > 0) entries.push([line.slice(0, equals).trim(), line.slice(equals + 1).trim()]);
    else errors.push({ path: "metadata", message: `"${line}" is not of the form key=value` });
  }
  return { entries: Object.fromEntries(entries), errors };
}

function fieldOf({ path }: FieldError): SubmissionField | undefined {
  const [name] = path.split(".", 1);
  return SUBMISSION_FIELDS.find((field) => field === name);
}

/** One message per field for showing beside it: the lines of a list are told apart by number. */
export function errorsByField(errors: readonly FieldError[]): Partial<Record<SubmissionField, string>> {
  const messages: Partial<Record<SubmissionField, string>> = {};
  for (const error of errors) {
    const field = fieldOf(error);
    if (field === undefined) continue;
    const part = error.path.split(".")[1];
    const text =
      field === "files" && part !== undefined ? `Line ${Number(part) + 1}: ${error.message}` : error.message;
    messages[field] = messages[field] === undefined ? capitalized(text) : `${messages[field]}; ${text}`;
  }
  return messages;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Messages that belong to no field of the form. */
export function generalErrors(errors: readonly FieldError[]): string[] {
  return errors.filter((error) => fieldOf(error) === undefined).map((error) => error.message);
}
