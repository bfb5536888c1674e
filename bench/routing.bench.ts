// Decisions per second of the router, against nothing but looking for its keywords in the same prompts.
import { resolvePaths } from "@/server/settings/paths";
import { loadSettings } from "@/server/settings/load";
import { routingRules } from "@/server/tasks/load-parts";
import { route, type RouteRequest } from "@/server/routing/route";
import { estimateTokens } from "@/server/routing/score";
import { alternate, isQuick, median, reportRate } from "./measure";
import { makePrompts } from "./prompts";

const PROMPTS = 1_000;
const PASSES = isQuick ? 5 : 40;
const ROUNDS = isQuick ? 3 : 9;
const KEYWORDS =
  /\b(?:architecture|design|security|performance|migration|optimization|scalability|format|lint|simple|basic|trivial)/gi;

const rules = routingRules(loadSettings(resolvePaths()).settings);
const prompts = makePrompts(PROMPTS);
const requests = prompts.map((prompt, index): RouteRequest => ({
  type: prompt.type,
  description: prompt.text,
  fileCount: prompt.fileCount,
  estimatedTokens: estimateTokens(prompt.text),
  callsModel: index % 2 === 0,
}));

/** Calls per second. What the calls return is summed up and looked at, so that none can be left out. */
function perSecond(call: (request: RouteRequest) => number): Promise<number> {
  let sum = 0;
  const started = performance.now();
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const request of requests) sum += call(request);
  }
  const seconds = (performance.now() - started) / 1_000;
  if (sum === 0) throw new Error("The prompts held nothing to find.");
  return Promise.resolve((PASSES * PROMPTS) / seconds);
}

const measured = await alternate(ROUNDS, {
  decide: () => perSecond((request) => route(request, rules).complexity_score),
  scan: () => perSecond((request) => request.description.match(KEYWORDS)?.length ?? 0),
});
const decisions = median(measured.decide);
const characters = Math.round(prompts.reduce((sum, { text }) => sum + text.length, 0) / PROMPTS);
reportRate({
  what: "routing decisions",
  unit: "per second",
  figures: measured.decide,
  raws: measured.scan,
  rawWhat: "the twelve keywords as one regular expression over the same prompts",
  note: `${(1e6 / decisions).toFixed(1)} µs each; prompts of ${characters} characters on average`,
});
