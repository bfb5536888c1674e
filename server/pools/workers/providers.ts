import "server-only";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModel } from "ai";

/** One entry of `providers` in the settings. `api_key_env` names an environment variable, it is not the key. */
export type ProviderConfig = {
  kind: "openai-compatible" | "ollama" | "anthropic";
  base_url: string;
  api_key_env?: string | null | undefined;
};

export type Providers = Readonly<Record<string, ProviderConfig>>;

/** Why a provider can never work in this installation, in one sentence; null when it can. For the settings. */
export function providerProblem({ kind, base_url }: ProviderConfig): string | null {
  if (kind === "anthropic") {
    return "kind 'anthropic' is not part of this version; use 'openai-compatible' with an endpoint that speaks the OpenAI protocol";
  }
  if (!/^https?:\/\//.test(base_url) || !URL.canParse(base_url))
    return "base_url must begin with http:// or https://";
  return null;
}

/** The environment variable that is named for the key but not set; null when nothing is missing. */
export function missingKey(config: ProviderConfig, env: NodeJS.ProcessEnv): string | null {
  if (!config.api_key_env) return null;
  return env[config.api_key_env] ? null : config.api_key_env;
}

export function keyOf(config: ProviderConfig, env: NodeJS.ProcessEnv): string | null {
  return (config.api_key_env && env[config.api_key_env]) || null;
}

type ModelChoice = { name: string; config: ProviderConfig; model: string; apiKey: string | null };

export function openModel({ name, config, model, apiKey }: ModelChoice): LanguageModel {
  const provider = createOpenAICompatible({
    name,
    baseURL: baseUrlOf(config),
    includeUsage: true,
    ...(apiKey !== null && { apiKey }),
  });
  return provider(model);
}

/** Ollama speaks the same protocol under /v1, while its own address is usually given without. */
function baseUrlOf({ kind, base_url }: ProviderConfig): string {
  const base = base_url.replace(/\/+$/, "");
  return kind === "ollama" && !base.endsWith("/v1") ? `${base}/v1` : base;
}
