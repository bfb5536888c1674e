import "server-only";
import type { Usage } from "./prices";
import { countOf, isObject, toMs } from "./values";

type Json = Record<string, unknown>;

/** What a line of a session means to us. */
export type SessionLine =
  | {
      kind: "prompt";
      id: string;
      session: string;
      at: number;
      folder: string | null;
      text: string | null;
      version: string | null;
    }
  | { kind: "answer"; session: string; at: number; sidechain: boolean; answer: Answer }
  | { kind: "activity"; session: string; at: number; sidechain: boolean; interrupted: boolean }
  | { kind: "other" };

export type Answer = {
  /** Message id and request id: the same answer is written again for each of its parts, and in copied sessions. */
  key: string;
  model: string | null;
  usage: Usage;
  cost: number | null;
  tools: { id: string; name: string; file: string | null }[];
  stopReason: string | null;
  apiError: string | null;
};

const INTERRUPTION = "[Request interrupted by user";
/** Text that Claude Code itself puts into the conversation in the user's name; a command (`<command-name>`) is a prompt. */
const NOT_A_PROMPT = /^\s*<(local-command-|bash-|system-reminder>|task-notification|user-memory-input>)/;
const EDITORS = new Set(["Edit", "MultiEdit", "Write", "NotebookEdit"]);
const SYNTHETIC = "<synthetic>";

/** Reads one line; null when it is an answer or prompt that lacks what every such line has. */
export function readSessionLine(value: unknown): SessionLine | null {
  if (!isObject(value)) return null;
  if (value.type !== "user" && value.type !== "assistant") return { kind: "other" };
  const at = toMs(value.timestamp);
  const message = isObject(value.message) ? value.message : null;
  if (at === null || message === null) return null;
  const session = textOf(value.sessionId) ?? "";
  const sidechain = value.isSidechain === true;
  if (value.type === "assistant") {
    const answer = answerOf(value, message);
    return answer && { kind: "answer", session, at, sidechain, answer };
  }
  return userLine(value, message, { session, at, sidechain });
}

function userLine(
  line: Json,
  message: Json,
  common: { session: string; at: number; sidechain: boolean },
): SessionLine {
  const text = textOfContent(message.content);
  const interrupted = text?.startsWith(INTERRUPTION) ?? false;
  if (interrupted || hasToolResult(message.content)) return { kind: "activity", ...common, interrupted };
  const byUser = !common.sidechain && line.isMeta !== true && line.isCompactSummary !== true;
  if (!byUser || text === null || NOT_A_PROMPT.test(text)) return { kind: "other" };
  const { session, at } = common;
  return {
    kind: "prompt",
    id: textOf(line.uuid) ?? `${session} ${at}`,
    session,
    at,
    folder: textOf(line.cwd),
    text,
    version: textOf(line.version),
  };
}

function hasToolResult(content: unknown): boolean {
  return Array.isArray(content) && content.some((part) => isObject(part) && part.type === "tool_result");
}

function answerOf(line: Json, message: Json): Answer | null {
  const id = textOf(message.id) ?? textOf(line.uuid);
  if (id === null) return null;
  const content = Array.isArray(message.content) ? message.content.filter(isObject) : [];
  const model = textOf(message.model);
  const synthetic = model === SYNTHETIC;
  return {
    key: `${id} ${textOf(line.requestId) ?? ""}`,
    model: synthetic ? null : model,
    usage: usageOf(isObject(message.usage) ? message.usage : {}),
    cost: typeof line.costUSD === "number" && line.costUSD >= 0 ? line.costUSD : null,
    tools: content.flatMap((part, i) => (part.type === "tool_use" ? [toolOf(part, `${id} ${i}`)] : [])),
    stopReason: textOf(message.stop_reason),
    apiError: line.isApiErrorMessage === true ? (textOfContent(message.content) ?? "API error") : null,
  };
}

function toolOf(part: Json, fallback: string): Answer["tools"][number] {
  const name = textOf(part.name) ?? "unknown";
  const input = isObject(part.input) ? part.input : {};
  const file = EDITORS.has(name) ? (textOf(input.file_path) ?? textOf(input.notebook_path)) : null;
  return { id: textOf(part.id) ?? fallback, name, file };
}

/** Here input_tokens does not count cached tokens. The total written to caches is split by how long they are kept. */
function usageOf(usage: Json): Usage {
  const written = countOf(usage.cache_creation_input_tokens);
  const split = isObject(usage.cache_creation) ? usage.cache_creation : {};
  const hour = Math.min(written, countOf(split.ephemeral_1h_input_tokens));
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite: written - hour,
    cacheWrite1h: hour,
  };
}

/** Text of a message; an image alone is empty text; null when it has neither. */
function textOfContent(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  const parts = content.filter(isObject);
  const texts = parts.flatMap((part) =>
    part.type === "text" && typeof part.text === "string" ? [part.text] : [],
  );
  if (texts.length > 0) return texts.join("\n");
  return parts.some((part) => part.type === "image" || part.type === "document") ? "" : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
