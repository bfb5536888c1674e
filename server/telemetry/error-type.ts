import "server-only";
import type { ErrorType } from "@/lib/shape/error-type";

const SIGNS: [RegExp, ErrorType][] = [
  [/time(d)?[ -]?out|deadline/i, "timeout"],
  [/quality/i, "quality_gate"],
  [/rate.?limit|too many requests|\b429\b/i, "rate_limit"],
  [/budget|quota|insufficient.?(credit|funds)/i, "budget"],
  [/cancel|abort/i, "cancelled"],
  [/crash|segmentation|core dumped|killed|signal|out of memory/i, "crash"],
  [/validation|invalid|schema/i, "validation"],
];

/** The kind of failure its message points to, for failures nobody classified. `unknown` when nothing does. */
export function inferErrorType(message: string): ErrorType {
  return SIGNS.find(([sign]) => sign.test(message))?.[1] ?? "unknown";
}
