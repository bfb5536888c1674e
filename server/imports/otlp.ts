import "server-only";
import { jsonDocuments } from "./json-file";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "./item";
import { callItem, timesOf, type Failure } from "./model-call";
import { callOfSpan, type Attributes } from "./otlp-dialects";
import { isObject, reject, stableId, toErrorType, toMs } from "./values";

const SOURCE = "otlp";
type Json = Record<string, unknown>;
type Span = { span: Json; resource: Attributes };

/**
 * Traces as OTLP JSON, one export or one per line: each span that is a call of a model becomes an execution.
 * @throws WrongInput
 */
export async function* readOtlp(file: string, options: ReadOptions): ImportItems {
  for await (const document of jsonDocuments(file)) {
    if ("damage" in document) {
      yield reject(`line ${document.line}`, document.damage);
      continue;
    }
    const spans = spansOf(document.value);
    if (spans === null) throw new WrongInput(`${file} has no traces: expected OTLP JSON with resourceSpans`);
    for (const [i, found] of spans.entries())
      yield itemOf(found, `line ${document.line} span ${i + 1}`, options);
  }
}

function spansOf(value: unknown): Span[] | null {
  const exports = Array.isArray(value) ? (value as unknown[]) : [value];
  if (!exports.every((each) => isObject(each) && ("resourceSpans" in each || "resource_spans" in each)))
    return null;
  return exports.flatMap((each) =>
    listOf(each, "resourceSpans", "resource_spans").flatMap((group) => {
      const resource = attributesOf(isObject(group.resource) ? group.resource.attributes : null);
      return listOf(group, "scopeSpans", "scope_spans", "instrumentationLibrarySpans").flatMap((scope) =>
        listOf(scope, "spans").map((span) => ({ span, resource })),
      );
    }),
  );
}

function itemOf({ span, resource }: Span, reference: string, options: ReadOptions): ImportItem {
  const attributes = attributesOf(span.attributes);
  const call = callOfSpan(attributes);
  if (call === null) return { note: "a span that is no call of a model was passed over" };
  const traceId = textOf(span.traceId ?? span.trace_id);
  const spanId = textOf(span.spanId ?? span.span_id);
  if (traceId === null || spanId === null) return reject(reference, "has no trace id and span id");
  const { operation, prompt, provider, model, usage, cost, dialect, session } = call;
  return callItem(
    `${reference}, span_id ${spanId}`,
    {
      taskId: stableId(SOURCE, traceId, spanId),
      source: SOURCE,
      ...timesOf(
        nanos(span.startTimeUnixNano ?? span.start_time_unix_nano),
        nanos(span.endTimeUnixNano ?? span.end_time_unix_nano),
      ),
      type: operation,
      description: prompt,
      neutralDescription: "otlp model call",
      repo: textOf(resource["service.name"]),
      provider,
      model,
      usage,
      cost,
      failure: failureOf(span, attributes),
      metadata: { trace_id: traceId, span_id: spanId, dialect, session_id: session },
    },
    options,
  );
}

function failureOf(span: Json, attributes: Attributes): Failure | null {
  const status = isObject(span.status) ? span.status : {};
  const name = textOf(attributes["error.type"]);
  if (status.code !== 2 && status.code !== "STATUS_CODE_ERROR" && name === null) return null;
  const message = textOf(status.message);
  return { type: toErrorType(name ?? message ?? ""), message };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** {key, value: {stringValue | intValue | …}} pairs as a plain object. */
function attributesOf(pairs: unknown): Attributes {
  if (!Array.isArray(pairs)) return {};
  return Object.fromEntries(
    pairs.flatMap((pair: unknown) =>
      isObject(pair) && typeof pair.key === "string" ? [[pair.key, unwrap(pair.value)]] : [],
    ),
  );
}

function unwrap(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entry = Object.entries(value).find(([key]) => /value$/i.test(key));
  if (!entry) return null;
  const [kind, inner] = entry;
  // 64-bit integers are text in OTLP JSON.
  return /^int/i.test(kind) ? Number(inner) : inner;
}

/** Nanoseconds since 1970, as text or number, in milliseconds. */
function nanos(value: unknown): number | null {
  const nano = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  return Number.isFinite(nano) && nano > 0 ? toMs(nano / 1e6) : null;
}

function listOf(parent: unknown, ...names: string[]): Json[] {
  if (!isObject(parent)) return [];
  const list = names.map((name) => parent[name]).find(Array.isArray) ?? [];
  return (list as unknown[]).filter(isObject);
}
