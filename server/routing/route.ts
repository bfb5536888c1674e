import "server-only";
import { createHash } from "node:crypto";
import type { ScorePart } from "@/lib/shape/decision";
import { TIERS, type Tier } from "@/lib/shape/tier";
import { scoreTask, type ScoreInput } from "./score";

export type TierRules = { models: string[]; max_tokens: number; cost_per_1k_tokens: number };

/** What routing depends on; a change of any of it is a new policy version. */
export type RoutingRules = {
  enabled: boolean;
  default_tier: Tier;
  auto_tier_selection: boolean;
  min_confidence_threshold: number;
  tiers: Record<Tier, TierRules>;
};

export type RouteRequest = ScoreInput & {
  /** Tier that the person asked for. */
  tier?: Tier | undefined;
  /** False for a local command: no model reads the prompt, so no context has to fit and nothing is paid. */
  callsModel: boolean;
};

export type Route = {
  complexity_score: number;
  score_parts: ScorePart[];
  tier: Tier;
  model: string | null;
  confidence: number;
  expected_savings: number;
  cost_estimate: number;
  estimated_tokens: number;
  policy_version: string;
  propensity: number;
  reason: string;
};

const MEDIUM_FROM = 30;
const LARGE_FROM = 60;
const SURE = 0.9;
const MEDIUM_BORDER = 0.6;
const MEDIUM_CENTRE = 0.75;

/** The static router: score, tier, how sure, what it saves and why. Pure and certain (propensity 1). */
export function route(request: RouteRequest, rules: RoutingRules): Route {
  const { score, parts } = scoreTask(request);
  const scored = tierOf(score);
  const confidence = confidenceOf(score);
  const { tier, why } = chooseTier(request, rules, scored, confidence, score);
  const price = rules.tiers[tier].cost_per_1k_tokens;
  const largest = rules.tiers.large.cost_per_1k_tokens;
  const savings = largest > 0 ? round((1 - price / largest) * 100, 2) : 0;
  const cost = request.callsModel ? (request.estimatedTokens / 1_000) * price : 0;
  return {
    complexity_score: score,
    score_parts: parts,
    tier,
    model: rules.tiers[tier].models[0] ?? null,
    confidence,
    expected_savings: savings,
    cost_estimate: cost,
    estimated_tokens: request.estimatedTokens,
    policy_version: policyVersion(rules),
    propensity: 1,
    reason: explain(parts, score, scored, confidence, why, request.callsModel),
  };
}

export function tierOf(score: number): Tier {
  if (score < MEDIUM_FROM) return "small";
  return score < LARGE_FROM ? "medium" : "large";
}

/** 0.90 for the outer tiers; in the middle one 0.60 at its borders rising to 0.75 at its centre. */
export function confidenceOf(score: number): number {
  if (score < MEDIUM_FROM || score >= LARGE_FROM) return SURE;
  const half = (LARGE_FROM - MEDIUM_FROM) / 2;
  const centred = 1 - Math.abs(score - (MEDIUM_FROM + half)) / half;
  return round(MEDIUM_BORDER + (MEDIUM_CENTRE - MEDIUM_BORDER) * centred, 4);
}

function chooseTier(
  request: RouteRequest,
  rules: RoutingRules,
  scored: Tier,
  confidence: number,
  score: number,
): { tier: Tier; why: string } {
  if (request.tier) return { tier: request.tier, why: explicitReason(request, rules, request.tier) };
  const chosen = automaticTier(rules, scored, confidence, score);
  if (!request.callsModel || request.estimatedTokens <= rules.tiers[chosen.tier].max_tokens) return chosen;
  const fitting = TIERS.slice(TIERS.indexOf(chosen.tier)).find(
    (tier) => request.estimatedTokens <= rules.tiers[tier].max_tokens,
  );
  const tier = fitting ?? "large";
  return {
    tier,
    why: `${chosen.why} The ${chosen.tier} tier takes ${rules.tiers[chosen.tier].max_tokens} tokens, this needs about ${request.estimatedTokens}, so it goes to ${tier}.`,
  };
}

function explicitReason(request: RouteRequest, rules: RoutingRules, tier: Tier): string {
  const asked = `The ${tier} tier was asked for.`;
  const max = rules.tiers[tier].max_tokens;
  if (!request.callsModel || request.estimatedTokens <= max) return asked;
  return `${asked} It takes ${max} tokens and this needs about ${request.estimatedTokens}, so it may be cut off.`;
}

function automaticTier(
  rules: RoutingRules,
  scored: Tier,
  confidence: number,
  score: number,
): { tier: Tier; why: string } {
  const fallback = rules.default_tier;
  if (!rules.enabled)
    return { tier: fallback, why: `Routing is off, so the default tier ${fallback} is taken.` };
  if (!rules.auto_tier_selection) {
    return { tier: fallback, why: `Automatic tiers are off, so the default tier ${fallback} is taken.` };
  }
  if (confidence < rules.min_confidence_threshold) {
    return {
      tier: fallback,
      why: `Score ${score} points to ${scored}, but confidence ${confidence.toFixed(2)} is below ${rules.min_confidence_threshold}, so the default tier ${fallback} is taken.`,
    };
  }
  return { tier: scored, why: `Score ${score} is in the ${scored} tier's range (${rangeOf(scored)}).` };
}

function rangeOf(tier: Tier): string {
  if (tier === "small") return `0–${MEDIUM_FROM - 1}`;
  return tier === "medium" ? `${MEDIUM_FROM}–${LARGE_FROM - 1}` : `${LARGE_FROM}–100`;
}

function explain(
  parts: ScorePart[],
  score: number,
  scored: Tier,
  confidence: number,
  why: string,
  callsModel: boolean,
): string {
  const terms = parts
    .filter((part) => part.points !== 0)
    .map((part) => `${part.because} ${part.points > 0 ? "+" : "−"}${Math.abs(part.points)}`);
  const made = terms.length > 0 ? terms.join("; ") : "nothing adds to it";
  const cost = callsModel ? "" : " It runs as a local command: no model is called and nothing is paid.";
  return `${why} Complexity ${score} (${scored}): ${made}. Confidence ${confidence.toFixed(2)}.${cost}`;
}

const versions = new WeakMap<RoutingRules, string>();

/** Names the exact rules: `static-` and the start of their hash. */
export function policyVersion(rules: RoutingRules): string {
  const known = versions.get(rules);
  if (known) return known;
  const version = `static-${createHash("sha256").update(JSON.stringify(rules)).digest("hex").slice(0, 8)}`;
  versions.set(rules, version);
  return version;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
