import "server-only";
import { createHash } from "node:crypto";
import { ERROR_TYPES, type ErrorType } from "@/lib/shape/error-type";
import { importRowSchema, NAME_MAX, type ImportRowInput } from "@/lib/shape/import";
import type { ImportItem } from "./item";

/** A hash in the form of a UUID (version 8): the same key always gets the same execution. */
export function stableId(source: string, ...key: string[]): string {
  const hex = createHash("sha256")
    .update(JSON.stringify([source, ...key]))
    .digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The row if it keeps every rule, else a reject that names each rule it breaks. */
export function toItem(
  reference: string,
  candidate: Record<keyof ImportRowInput, unknown> | ImportRowInput,
): ImportItem {
  const parsed = importRowSchema.safeParse(candidate);
  if (parsed.success) return { row: parsed.data };
  const values = candidate as Record<string, unknown>;
  const reasons = parsed.error.issues.map((issue) => {
    const column = String(issue.path[0] ?? "");
    const value = values[column];
    return value === null || value === undefined
      ? `${column} is missing`
      : `${column}: ${issue.message}, found ${excerpt(value)}`;
  });
  return reject(reference, [...new Set(reasons)].join("; "));
}

export function reject(reference: string, reason: string): ImportItem {
  return { reject: { reference: truncate(reference, 500), reason: truncate(reason, 1_000) } };
}

function excerpt(value: unknown): string {
  return truncate(typeof value === "string" ? `"${value}"` : JSON.stringify(value), 60);
}

/** Cuts by UTF-16 units, never through a pair, and repairs half pairs: they are not valid text in Parquet. */
export function truncate(text: string, max: number): string {
  const whole = wellFormed(text);
  if (whole.length <= max) return whole;
  const cut = whole.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
}

/** A name for a column that must not be empty. */
export function nameOr(value: unknown, fallback: string): string {
  return typeof value === "string" && value.trim() !== "" ? truncate(value.trim(), NAME_MAX) : fallback;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size; or ISO 8601, UTC unless it says otherwise. */
export function toMs(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? epochMs(value) : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (/^-?\d+(\.\d+)?$/.test(text)) return epochMs(Number(text));
  const iso =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i.exec(
      text,
    );
  if (!iso) return null;
  const [, date = "", time = "00:00", zone = "Z"] = iso;
  const ms = Date.parse(
    `${date}T${time.length === 5 ? `${time}:00` : time.replace(/(\.\d{3})\d+/, "$1")}${isoZone(zone)}`,
  );
  return Number.isNaN(ms) ? null : ms;
}

function isoZone(zone: string): string {
  if (/^(z|utc)$/i.test(zone)) return "Z";
  if (zone.length === 3) return `${zone}:00`;
  return zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

function epochMs(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return value * 1e3;
  if (size < 1e14) return value;
  if (size < 1e17) return value / 1e3;
  return value / 1e6;
}

/** A number, also from text; null for nothing; the value itself when it is neither, so that it is rejected and seen. */
export function toNumber(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (text === "") return null;
  const number = Number(text);
  return Number.isNaN(number) ? value : number;
}

/** A count that is left at 0 when the source has none. */
export function countOf(value: unknown): number {
  const number = Number(toNumber(value) ?? 0);
  return Number.isFinite(number) && number > 0 ? Math.round(number) : 0;
}

/** An amount that the source may leave open. */
export function amountOf(value: unknown): number | null {
  const number = toNumber(value);
  return typeof number === "number" && number >= 0 ? number : null;
}

const TRUE = new Set(["true", "t", "1", "yes", "success", "succeeded", "ok"]);
const FALSE = new Set(["false", "f", "0", "no", "failure", "failed", "error"]);

export function toBoolean(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === "boolean") return value ?? null;
  const text = (typeof value === "string" || typeof value === "number" ? String(value) : "")
    .trim()
    .toLowerCase();
  if (text === "") return null;
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : value;
}

/** Our name for an error; what is none of ours becomes `unknown`, and callers keep the original in the metadata. */
export function toErrorType(value: string): ErrorType {
  const text = value.trim().toLowerCase();
  const known = ERROR_TYPES.find((type) => type === text);
  if (known) return known;
  if (/rate.?limit|too.?many.?requests|429|quota/.test(text)) return "rate_limit";
  if (/time.?out|deadline/.test(text)) return "timeout";
  if (/cancel|abort|interrupt/.test(text)) return "cancelled";
  if (/budget|spend.?limit/.test(text)) return "budget";
  if (/api|provider|auth|overload|unavailable|connection|server|5\d\d/.test(text)) return "provider";
  return "unknown";
}

/** Values that are there: null, undefined, empty text, empty lists and zeros of counters say nothing. */
export function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== null && value !== undefined && value !== "" && value !== 0 && !isEmpty(value),
    ),
  );
}

/**
 * Keys for rows without an id: their content, and which of several alike it is. Two rows alike in everything are
 * two executions, and get the same two ids in a second run.
 */
export function contentKeys(): (content: unknown) => string[] {
  const alike = new Map<string, number>();
  return (content) => {
    const digest = createHash("sha256").update(JSON.stringify(content)).digest("base64");
    const before = alike.get(digest) ?? 0;
    alike.set(digest, before + 1);
    return [digest, String(before)];
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
