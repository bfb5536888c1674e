import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import type { WorkOrder } from "../types";
import { describeWorkers } from "./availability";
import { createModelWorker } from "./model";
import type { ProviderConfig } from "./providers";

const KEY = "sk-very-secret";
const prices = { small: 0.001, medium: 0.003, large: 0.015 };
const env: NodeJS.ProcessEnv = { NODE_ENV: "test", STAND_IN_KEY: KEY };

type Seen = { url: string | undefined; authorization: string | undefined; body: unknown };
type Answer = (response: ServerResponse) => void;

/** A loopback stand-in for an OpenAI-compatible provider: answers as it is told, knows no model. */
async function standIn(answer: Answer) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => void handle(request, response));
  async function handle(request: IncomingMessage, response: ServerResponse) {
    const body: unknown = await json(request);
    seen.push({ url: request.url, authorization: request.headers.authorization, body });
    answer(response);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen };
}

function chunk(delta: object, finish: string | null = null) {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
}

const says =
  (...words: string[]): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const word of words) response.write(chunk({ role: "assistant", content: word }));
    response.write(chunk({}, "stop"));
    const usage = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 };
    response.write(
      `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
  };

const refuses =
  (status: number, error: object): Answer =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));

async function run(
  config: ProviderConfig,
  options: { signal?: AbortSignal; limit?: number; onOutput?: () => void } = {},
) {
  const worker = createModelWorker({ providers: { local: config }, prices, env });
  const chunks: Uint8Array[] = [];
  const order: WorkOrder = {
    taskId: "t",
    attemptId: "a",
    type: "question",
    prompt: "What is 2 + 2?",
    files: [],
    repo: { name: "fixture", path: "/" },
    recipe: null,
    tier: "medium",
    provider: "local",
    model: "tiny",
    outputLimitBytes: options.limit ?? 1024,
  };
  const result = await worker.run(order, {
    signal: options.signal ?? new AbortController().signal,
    onOutput: (piece) => {
      chunks.push(piece);
      options.onOutput?.();
    },
  });
  return { ...result, output: Buffer.concat(chunks).toString() };
}

const compatible = (base_url: string): ProviderConfig => ({
  kind: "openai-compatible",
  base_url,
  api_key_env: "STAND_IN_KEY",
});

test("an answer is streamed, counted and priced", async () => {
  const { url, seen } = await standIn(says("fo", "ur"));
  const result = await run(compatible(`${url}/v1/`));
  expect(result).toMatchObject({
    success: true,
    output: "four",
    inputTokens: 1000,
    outputTokens: 500,
    errorType: null,
    summary: "tiny in fixture: ok",
  });
  expect(result.actualCost).toBeCloseTo(1.5 * prices.medium, 10);
  expect(seen[0]).toMatchObject({ url: "/v1/chat/completions", authorization: `Bearer ${KEY}` });
  expect(seen[0]?.body).toMatchObject({
    model: "tiny",
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("Ollama is reached under /v1, without a key", async () => {
  const { url, seen } = await standIn(says("ok"));
  expect((await run({ kind: "ollama", base_url: url })).success).toBe(true);
  expect(seen[0]).toMatchObject({ url: "/v1/chat/completions", authorization: undefined });
});

test("a long answer is cut in the middle", async () => {
  const { url } = await standIn(says("a".repeat(50), "b".repeat(1000), "c".repeat(50)));
  const { output } = await run(compatible(url), { limit: 100 });
  expect(output).toBe(`${"a".repeat(50)}\n[1,000 bytes of output cut here]\n${"c".repeat(50)}`);
});

describe("errors are told apart", () => {
  test.each([
    { status: 429, error: { message: "Slow down", type: "requests" }, errorType: "rate_limit" },
    { status: 429, error: { message: "Quota", code: "insufficient_quota" }, errorType: "budget" },
    { status: 402, error: { message: "Pay first" }, errorType: "budget" },
    { status: 500, error: { message: "Broken" }, errorType: "provider" },
    { status: 401, error: { message: `Bad key ${KEY}` }, errorType: "provider" },
  ])("HTTP $status as $errorType, in one try", async ({ status, error, errorType }) => {
    const { url, seen } = await standIn(refuses(status, error));
    const result = await run(compatible(url));
    expect(result).toMatchObject({ success: false, errorType, actualCost: 0, inputTokens: null });
    expect(result.errorMessage).toContain(`HTTP ${status}: `);
    expect(result.errorMessage).not.toContain(KEY);
    expect(seen).toHaveLength(1);
  });

  test("a provider that is not there", async () => {
    const result = await run(compatible("http://127.0.0.1:1"));
    expect(result).toMatchObject({ success: false, errorType: "provider" });
  });

  test("an answer that breaks off, or is empty", async () => {
    const torn = await standIn((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "par" }), () => response.destroy());
    });
    expect(await run(compatible(torn.url))).toMatchObject({ success: false, errorType: "provider" });
    const empty = await standIn(says());
    expect(await run(compatible(empty.url))).toMatchObject({
      success: false,
      errorMessage: "the model answered with nothing",
    });
  });

  test("a key that is not set is named before anything is sent", async () => {
    const { url, seen } = await standIn(says("x"));
    const result = await run({ kind: "openai-compatible", base_url: url, api_key_env: "ABSENT_KEY" });
    expect(result.errorMessage).toBe("provider 'local' needs the environment variable ABSENT_KEY");
    expect(seen).toHaveLength(0);
  });
});

describe("stopping closes the connection and keeps what came", () => {
  test.each([
    { reason: "timeout", errorType: "timeout" },
    { reason: "cancelled", errorType: "cancelled" },
    { reason: "shutdown", errorType: "crash" },
  ])("$reason", async ({ reason, errorType }) => {
    const controller = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const { url } = await standIn((response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "begun" }));
    });
    const onOutput = () => controller.abort(reason);
    const result = await run(compatible(url), { signal: controller.signal, onOutput });
    await closed;
    expect(result).toMatchObject({ success: false, errorType, output: "begun" });
  });
});

describe("what is available is said in words", () => {
  const recipes = { get: () => null, forTaskType: () => null, list: () => [] };
  const detail = (providers: Record<string, ProviderConfig>) =>
    describeWorkers({ recipes, providers, env })[1];

  test("without a provider, without its key, and with both", () => {
    expect(detail({})).toMatchObject({ type: "model", available: false });
    const noKey = { far: { ...compatible("http://x"), api_key_env: "ABSENT_KEY" } };
    expect(detail(noKey)?.detail).toBe(
      "Cannot use any provider: far: the environment variable ABSENT_KEY is not set.",
    );
    expect(detail({ far: { kind: "anthropic", base_url: "http://x" } })?.available).toBe(false);
    expect(detail({ near: compatible("http://x") })).toEqual({
      type: "model",
      available: true,
      detail: "Sends prompts to the configured models of near.",
    });
  });
});
