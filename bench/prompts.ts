import { createRandom, type Random } from "./random";

export const TASK_TYPES = [
  "formatting",
  "linting",
  "documentation",
  "simple_refactor",
  "code_generation",
  "testing",
  "debugging",
  "complex_refactor",
  "architecture",
  "security_analysis",
  "general",
] as const;

const OPENINGS = [
  "Fix the failing test in the payment module",
  "Format the changed files and run the linter",
  "Add a migration that splits the name column of the users table",
  "Explain why the nightly import takes twice as long since last week",
  "Write unit tests for the retry logic of the HTTP client",
  "Review the design of the new permission checks",
  "Rename the helper and update every place that calls it",
  "Find the simplest way to cache the rendered report pages",
  "Document the settings that decide how many workers a pool keeps",
  "Look for a security problem in how uploaded archives are unpacked",
  "Move the scheduler out of the request path",
  "Upgrade the date library and adapt the calls that changed",
];
const DETAILS = [
  "The behaviour that callers see must stay as it is.",
  "Performance matters here: the function runs for every row of a large table.",
  "Keep the change small, and leave files alone that have nothing to do with it.",
  "There is a trivial fix, but it hides the cause; find the cause first.",
  "Only the basic case is covered so far, and the error paths are not tested at all.",
  "The code was written for a single tenant and now has to serve several of them.",
  "Mind the scalability of the solution, since the number of accounts doubles every year.",
  "Say in two sentences what you changed and why, for the people who read the log.",
  "If something is unclear, write down the assumption you made and go on.",
  "The log shows a timeout after thirty seconds whenever the queue has more than a thousand entries.",
];
const DETAILS_MAX = 14;

export type Prompt = { type: (typeof TASK_TYPES)[number]; text: string; fileCount: number };

/** Different prompts of one to about fifteen sentences, the same ones for the same seed. */
export function makePrompts(count: number, seed = 1): Prompt[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => ({
    type: random.pick(TASK_TYPES),
    text: `${random.pick(OPENINGS)} (ticket ${index + 1}). ${details(random)}`.trim(),
    fileCount: random.below(14),
  }));
}

function details(random: Random): string {
  return Array.from({ length: random.below(DETAILS_MAX + 1) }, () => random.pick(DETAILS)).join(" ");
}
