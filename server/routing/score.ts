import "server-only";
import type { ScorePart } from "@/lib/shape/decision";

const TASK_TYPE_POINTS: Record<string, number> = {
  formatting: 0,
  linting: 3,
  documentation: 5,
  simple_refactor: 10,
  code_generation: 15,
  testing: 15,
  debugging: 20,
  complex_refactor: 25,
  multi_file_changes: 30,
  architecture: 35,
  security_analysis: 38,
  critical_decision: 40,
};
const OTHER_TYPE_POINTS = 15;

/** Task types the score knows by name, cheapest first. */
export const SCORED_TASK_TYPES = Object.keys(TASK_TYPE_POINTS);

const KEYWORD_POINTS = 5;
const HARDER = [
  "architecture",
  "design",
  "security",
  "performance",
  "migration",
  "optimization",
  "scalability",
];
const EASIER = ["format", "lint", "simple", "basic", "trivial"];

const ADJECTIVES = new Set(["simple", "basic", "trivial"]);

const CHARS_PER_TOKEN = 2;

export type ScoreInput = { type: string; description: string; fileCount: number; estimatedTokens: number };
export type Score = { score: number; parts: ScorePart[] };

/** Tokens a prompt is taken to have where nobody said: about two characters each, as in the reference. */
export function estimateTokens(prompt: string): number {
  return Math.ceil(prompt.length / CHARS_PER_TOKEN);
}

/** Complexity 0–100 with the terms that made it. Pure. */
export function scoreTask(input: ScoreInput): Score {
  const parts: ScorePart[] = [
    filePart(input.fileCount),
    tokenPart(input.estimatedTokens),
    typePart(input.type),
    keywordPart(input.description),
  ];
  const sum = parts.reduce((total, part) => total + part.points, 0);
  return { score: Math.min(100, Math.max(0, sum)), parts };
}

function filePart(count: number): ScorePart {
  const points = count > 10 ? 30 : count > 5 ? 20 : count > 3 ? 10 : count > 1 ? 5 : 0;
  return { name: "file_count", points, because: `${count} ${count === 1 ? "file" : "files"}` };
}

function tokenPart(tokens: number): ScorePart {
  const points = tokens > 16_000 ? 30 : tokens >= 8_000 ? 20 : tokens >= 4_000 ? 10 : tokens >= 1_000 ? 5 : 0;
  return { name: "estimated_tokens", points, because: `about ${tokens} tokens` };
}

function typePart(type: string): ScorePart {
  return { name: "task_type", points: TASK_TYPE_POINTS[type] ?? OTHER_TYPE_POINTS, because: `type ${type}` };
}

function keywordPart(description: string): ScorePart {
  const words = new Set(description.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const found = (keywords: string[]) =>
    keywords.filter((keyword) => inflections(keyword).some((form) => words.has(form)));
  const harder = found(HARDER);
  const easier = found(EASIER);
  const named = [...harder.map((word) => `+${word}`), ...easier.map((word) => `-${word}`)];
  return {
    name: "keywords",
    points: KEYWORD_POINTS * (harder.length - easier.length),
    because: named.length > 0 ? named.join(", ") : "no keyword",
  };
}

const inflectionCache = new Map<string, string[]>();

/** A keyword and its plain inflections: plural, past, -ing and comparison, with the doubled consonant of "formatting". */
function inflections(keyword: string): string[] {
  const cached = inflectionCache.get(keyword);
  if (cached) return cached;
  const endings = ADJECTIVES.has(keyword) ? ["er", "est"] : ["ed", "ing"];
  const stems = [keyword, keyword.replace(/e$/, ""), keyword.replace(/([^aeiouy])$/, "$1$1")];
  const forms = new Set([keyword, `${keyword}s`, `${keyword}es`, keyword.replace(/y$/, "ies")]);
  for (const stem of stems) for (const ending of endings) forms.add(stem + ending);
  const list = [...forms];
  inflectionCache.set(keyword, list);
  return list;
}
