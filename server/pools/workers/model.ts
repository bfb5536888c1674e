import "server-only";
import { streamText, type FinishReason, type LanguageModelUsage } from "ai";
import type { Tier } from "@/lib/shape/tier";
import { createCappedOutput } from "../spawn/broker-output";
import type { WorkContext, WorkOrder, WorkResult, Worker } from "../types";
import { classifyModelError } from "./model-error";
import {
  keyOf,
  missingKey,
  openModel,
  providerProblem,
  type ProviderConfig,
  type Providers,
} from "./providers";
import { failedResult, passedResult, stoppedResult, watchAbort } from "./result";

type ModelWorkerParts = {
  providers: Providers;
  /** USD per 1000 tokens, in and out alike, of each tier. */
  prices: Readonly<Record<Tier, number>>;
  /** Where the keys are, usually `process.env`. */
  env: NodeJS.ProcessEnv;
};

/** Sends the prompt to the tier's model and streams the answer. A call is tried once: retrying is the pool's. */
export function createModelWorker({ providers, prices, env }: ModelWorkerParts): Worker {
  // The SDK prints remarks on settings to the console, which belongs to our own log.
  globalThis.AI_SDK_LOG_WARNINGS = false;

  async function run(order: WorkOrder, context: WorkContext): Promise<WorkResult> {
    const name = order.model ?? "model";
    const { provider, model } = order;
    const config = provider === null ? undefined : providers[provider];
    if (provider === null || model === null || config === undefined) {
      const message =
        provider === null ? "no provider is configured for this tier" : `there is no provider '${provider}'`;
      return failedResult(order, name, "validation", message);
    }
    const problem = providerProblem(config) ?? keyProblem(provider, config, env);
    if (problem !== null) return failedResult(order, name, "provider", problem);
    const apiKey = keyOf(config, env);
    return call(
      {
        name,
        price: prices[order.tier],
        apiKey,
        open: () => openModel({ name: provider, config, model, apiKey }),
      },
      order,
      context,
    );
  }

  return { run };
}

function keyProblem(provider: string, config: ProviderConfig, env: NodeJS.ProcessEnv): string | null {
  const missing = missingKey(config, env);
  return missing === null ? null : `provider '${provider}' needs the environment variable ${missing}`;
}

type Call = { name: string; price: number; apiKey: string | null; open: () => ReturnType<typeof openModel> };

async function call(
  { name, price, apiKey, open }: Call,
  order: WorkOrder,
  context: WorkContext,
): Promise<WorkResult> {
  const startedAt = performance.now();
  const abort = watchAbort(context.signal);
  const output = createCappedOutput(order.outputLimitBytes, context.onOutput);
  const answer = await stream(open, order.prompt, context.signal, output.push);
  const { outputBytes } = output.finish();
  const measured = {
    durationSeconds: (performance.now() - startedAt) / 1000,
    ...costOf(answer.usage, price),
  };
  const stopped = abort.stopped();
  if (stopped !== null) return { ...stoppedResult(order, name, stopped), ...measured };
  if ("error" in answer) {
    const { errorType, message } = classifyModelError(answer.error, apiKey);
    return { ...failedResult(order, name, errorType, message), ...measured };
  }
  const refusal = refusalOf(answer.finishReason, outputBytes);
  const outcome =
    refusal === null ? passedResult(order, name) : failedResult(order, name, "provider", refusal);
  return { ...outcome, ...measured };
}

type Answer = { usage: LanguageModelUsage | null } & (
  { finishReason: FinishReason | null } | { error: unknown }
);

async function stream(
  open: Call["open"],
  prompt: string,
  signal: AbortSignal,
  push: (chunk: Uint8Array) => void,
): Promise<Answer> {
  let usage: LanguageModelUsage | null = null;
  let finishReason: FinishReason | null = null;
  try {
    const { fullStream } = streamText({
      model: open(),
      prompt,
      maxRetries: 0,
      abortSignal: signal,
      experimental_telemetry: { isEnabled: false },
      onError: () => undefined, // the error is a part of the stream; the default prints it
    });
    for await (const part of fullStream) {
      if (part.type === "text-delta") push(Buffer.from(part.text));
      if (part.type === "error") return { usage, error: part.error };
      if (part.type === "finish") ({ totalUsage: usage, finishReason } = part);
    }
    return { usage, finishReason };
  } catch (error) {
    return { usage, error };
  }
}

function refusalOf(finishReason: FinishReason | null, outputBytes: number): string | null {
  if (finishReason === "content-filter") return "the provider's content filter stopped the answer";
  if (finishReason === null || finishReason === "error") return "the answer broke off";
  return outputBytes === 0 ? "the model answered with nothing" : null;
}

/** A provider that does not report its tokens leaves them null, and the cost with them at 0. */
function costOf(usage: LanguageModelUsage | null, pricePer1k: number) {
  const inputTokens = usage?.inputTokens ?? null;
  const outputTokens = usage?.outputTokens ?? null;
  return {
    inputTokens,
    outputTokens,
    actualCost: (((inputTokens ?? 0) + (outputTokens ?? 0)) / 1000) * pricePer1k,
  };
}
