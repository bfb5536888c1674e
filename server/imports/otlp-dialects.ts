import "server-only";
import { NO_USAGE } from "./model-call";
import type { Usage } from "./prices";
import { amountOf, countOf } from "./values";

/** Attributes of a span or resource, unwrapped from OTLP's typed values. */
export type Attributes = Record<string, unknown>;

export type SpanCall = {
  dialect: "genai" | "openinference" | "openllmetry";
  operation: string;
  provider: string | null;
  model: string | null;
  usage: Usage;
  cost: number | null;
  session: string | null;
  prompt: string | null;
};

/** Operations of GenAI spans that are one call of a model; agents and workflows only sum up such calls. */
const CALLS = new Set([
  "chat",
  "text_completion",
  "generate_content",
  "embeddings",
  "completion",
  "embedding",
  "rerank",
]);
const OPENINFERENCE_CALLS = new Set(["LLM", "EMBEDDING", "RERANKER"]);

/**
 * The model call that a span is, or null when it is something else. A span may carry several dialects; the
 * first that applies is taken: OpenInference, then GenAI with OpenLLMetry's older names.
 */
export function callOfSpan(attributes: Attributes): SpanCall | null {
  const kind = textOf(attributes, "openinference.span.kind");
  if (kind !== null)
    return OPENINFERENCE_CALLS.has(kind.toUpperCase()) ? openInference(attributes, kind) : null;
  return genAi(attributes);
}

function openInference(attributes: Attributes, kind: string): SpanCall {
  const details = "llm.token_count.prompt_details";
  return {
    dialect: "openinference",
    operation: kind.toUpperCase() === "LLM" ? "chat" : kind.toLowerCase(),
    provider: textOf(attributes, "llm.provider", "llm.system"),
    model: textOf(
      attributes,
      "llm.model_name",
      "llm.response.model_name",
      "embedding.model_name",
      "llm.request.model_name",
    ),
    usage: usageOf(
      firstOf(attributes, "llm.token_count.prompt"),
      firstOf(attributes, "llm.token_count.completion"),
      firstOf(attributes, `${details}.cache_read`),
      firstOf(attributes, `${details}.cache_write`),
    ),
    cost: amountOf(attributes["llm.cost.total"]),
    session: textOf(attributes, "session.id"),
    prompt: textOf(attributes, "input.value", "llm.input_messages.0.message.content"),
  };
}

function genAi(attributes: Attributes): SpanCall | null {
  const operation = textOf(attributes, "gen_ai.operation.name", "llm.request.type");
  const workflow = textOf(attributes, "traceloop.span.kind");
  const older = textOf(attributes, "llm.request.type", "llm.vendor") !== null || workflow !== null;
  const model = textOf(
    attributes,
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.response.model",
    "llm.request.model",
  );
  const input = firstOf(
    attributes,
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
  );
  const output = firstOf(
    attributes,
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
  );
  const isCall =
    operation === null ? model !== null && (input !== null || output !== null) : CALLS.has(operation);
  if (!isCall || (operation === null && workflow !== null)) return null;
  return {
    dialect: older ? "openllmetry" : "genai",
    operation: operation ?? "chat",
    provider: textOf(attributes, "gen_ai.provider.name", "gen_ai.system", "llm.vendor"),
    model,
    usage: usageOf(
      input,
      output,
      firstOf(attributes, "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
      firstOf(
        attributes,
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
      ),
    ),
    cost: amountOf(attributes["gen_ai.usage.cost"]),
    session: textOf(
      attributes,
      "gen_ai.conversation.id",
      "session.id",
      "traceloop.association.properties.session_id",
    ),
    prompt: textOf(attributes, "gen_ai.input.messages", "gen_ai.prompt.0.content", "llm.prompts.0.content"),
  };
}

/** All dialects count cached tokens among the input's; an instrumentation that does not shows more of them than input. */
function usageOf(input: unknown, output: unknown, read: unknown, write: unknown): Usage {
  const [all, cacheRead, cacheWrite] = [countOf(input), countOf(read), countOf(write)];
  const rest = all - cacheRead - cacheWrite;
  return { ...NO_USAGE, input: rest >= 0 ? rest : all, output: countOf(output), cacheRead, cacheWrite };
}

function firstOf(attributes: Attributes, ...names: string[]): unknown {
  return names.map((name) => attributes[name]).find((value) => value !== undefined && value !== null) ?? null;
}

function textOf(attributes: Attributes, ...names: string[]): string | null {
  const value = firstOf(attributes, ...names);
  return typeof value === "string" && value !== "" ? value : null;
}
