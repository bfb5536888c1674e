import "server-only";
import { openForeignFiles } from "../database/foreign";
import { csvTable, damagedLines } from "./csv";
import { jsonDocuments } from "./json-file";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "./item";
import { callItem, NO_USAGE, timesOf, type Failure } from "./model-call";
import { amountOf, countOf, isObject, reject, stableId, toErrorType, toMs } from "./values";

const SOURCE = "litellm";
type Log = Record<string, unknown>;

/** LiteLLM's spend logs: what /spend/logs answers, or an export of the table LiteLLM_SpendLogs. @throws WrongInput */
export function readLitellm(file: string, options: ReadOptions): ImportItems {
  return /\.csv$/i.test(file) ? readCsv(file, options) : readJson(file, options);
}

async function* readJson(file: string, options: ReadOptions): ImportItems {
  for await (const document of jsonDocuments(file)) {
    if ("damage" in document) {
      yield reject(`line ${document.line}`, document.damage);
      continue;
    }
    const logs = logsOf(document.value);
    if (logs === null)
      throw new WrongInput(`${file} has no spend logs: expected a list of them, or {data: […]}`);
    const single = logs.length === 1;
    for (const [i, log] of logs.entries()) {
      const reference = single ? `line ${document.line}` : `log ${i + 1}`;
      yield isObject(log) ? itemOf(log, reference, options) : reject(reference, "is not an object");
    }
  }
}

function logsOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value as unknown[];
  if (!isObject(value)) return null;
  const list = [value.data, value.logs, value.spend_logs].find(Array.isArray);
  if (list) return list as unknown[];
  return "request_id" in value ? [value] : null;
}

async function* readCsv(file: string, options: ReadOptions): ImportItems {
  const database = await openForeignFiles();
  const from = csvTable(file);
  try {
    const names = (await database.columns(from)).map(({ name }) => name);
    if (!names.includes("request_id"))
      throw new WrongInput(`${file} has no column request_id; it has ${names.join(", ")}`);
    let row = 0;
    for await (const log of database.rows(`FROM ${from}`)) yield itemOf(log, `row ${(row += 1)}`, options);
    yield* damagedLines(database);
  } finally {
    database.close();
  }
}

function itemOf(log: Log, reference: string, options: ReadOptions): ImportItem {
  const id = textOf(log.request_id);
  if (id === null) return reject(reference, "request_id is missing");
  const metadata = objectOf(log.metadata);
  const failure = failureOf(log, metadata);
  return callItem(
    `${reference}, request_id ${id}`,
    {
      taskId: stableId(SOURCE, id),
      source: SOURCE,
      ...timesOf(toMs(log.startTime), toMs(log.endTime)),
      type: textOf(log.call_type) ?? "general",
      description: options.withText ? promptOf(log.messages) : null,
      neutralDescription: "litellm request",
      repo: null,
      provider: textOf(log.custom_llm_provider),
      model: textOf(log.model),
      usage: usageOf(log, metadata),
      cost: amountOf(log.spend),
      failure,
      metadata: {
        request_id: id,
        session_id: log.session_id,
        model_group: log.model_group,
        cache_hit: /^true$/i.test(textOf(log.cache_hit) ?? "") ? true : null,
      },
    },
    options,
  );
}

/** LiteLLM counts cached tokens among the prompt's, whatever the provider does. */
function usageOf(log: Log, metadata: Log) {
  const detail = [metadata.usage_object, metadata.additional_usage_values].find(isObject) ?? {};
  const nested = isObject(detail.prompt_tokens_details) ? detail.prompt_tokens_details : {};
  const prompt = countOf(log.prompt_tokens);
  const cacheRead = Math.min(prompt, countOf(detail.cache_read_input_tokens ?? nested.cached_tokens));
  const cacheWrite = Math.min(prompt - cacheRead, countOf(detail.cache_creation_input_tokens));
  return {
    ...NO_USAGE,
    input: prompt - cacheRead - cacheWrite,
    output: countOf(log.completion_tokens),
    cacheRead,
    cacheWrite,
  };
}

function failureOf(log: Log, metadata: Log): Failure | null {
  const status = (textOf(log.status) ?? textOf(metadata.status) ?? "success").toLowerCase();
  if (status !== "failure" && status !== "failed" && status !== "error") return null;
  const error = isObject(metadata.error_information) ? metadata.error_information : {};
  const name = [textOf(error.error_class), textOf(error.error_code)]
    .filter((part) => part !== null)
    .join(" ");
  return {
    type: name === "" ? "unknown" : toErrorType(name),
    message: textOf(error.error_message) ?? (name || null),
  };
}

/** The last thing a person said. */
function promptOf(messages: unknown): string | null {
  const list = typeof messages === "string" ? parse(messages) : messages;
  if (!Array.isArray(list)) return null;
  const last = list.filter(isObject).findLast((message) => message.role === "user");
  return last ? textOf(last.content) : null;
}

function objectOf(value: unknown): Log {
  const object = typeof value === "string" ? parse(value) : value;
  return isObject(object) ? object : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Some exports print Python's notation; what is in it is not needed.
    return null;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
