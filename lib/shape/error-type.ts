/** Why an attempt failed. The first five are the reference's; the rest are ours. */
export const ERROR_TYPES = [
  "timeout",
  "quality_gate",
  "crash",
  "validation",
  "unknown",
  "cancelled",
  "provider",
  "rate_limit",
  "budget",
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];
