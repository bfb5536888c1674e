import "server-only";
import type { ErrorType } from "@/lib/shape/error-type";
import type { StopReason, WorkOrder, WorkResult } from "../types";

const SUMMARY_MAX_CHARS = 200;
const MESSAGE_MAX_CHARS = 1_000;

export function passedResult(order: WorkOrder, what: string): WorkResult {
  return { ...NOTHING_MEASURED, success: true, summary: summaryOf(order, what, null) };
}

export function failedResult(
  order: WorkOrder,
  what: string,
  errorType: ErrorType,
  message: string,
): WorkResult {
  return {
    ...NOTHING_MEASURED,
    errorType,
    errorMessage: message.slice(0, MESSAGE_MAX_CHARS),
    summary: summaryOf(order, what, errorType),
  };
}

const NOTHING_MEASURED: WorkResult = {
  success: false,
  errorType: null,
  errorMessage: null,
  exitCode: null,
  durationSeconds: 0,
  cpuTimeSeconds: null,
  peakMemoryMb: null,
  inputTokens: null,
  outputTokens: null,
  actualCost: 0,
  qualityScore: null,
  summary: null,
};

/** The same words for the same outcome, so that equal outcomes can be counted. */
function summaryOf(order: WorkOrder, what: string, errorType: ErrorType | null): string {
  return `${what} in ${order.repo.name}: ${errorType ?? "ok"}`.slice(0, SUMMARY_MAX_CHARS);
}

type Stopped = { reason: StopReason; afterSeconds: number };

/** Remembers when and why a signal was aborted, counted from this call. */
export function watchAbort(signal: AbortSignal): { stopped: () => Stopped | null } {
  const startedAt = performance.now();
  let afterSeconds = 0;
  const note = () => (afterSeconds = (performance.now() - startedAt) / 1000);
  signal.addEventListener("abort", note, { once: true });
  return {
    stopped: () => {
      signal.removeEventListener("abort", note);
      return signal.aborted ? { reason: stopReason(signal.reason), afterSeconds } : null;
    },
  };
}

/** An abort by anything but our own words is taken for a person's. */
function stopReason(reason: unknown): StopReason {
  return reason === "timeout" || reason === "shutdown" ? reason : "cancelled";
}

export function stoppedResult(order: WorkOrder, what: string, { reason, afterSeconds }: Stopped): WorkResult {
  if (reason === "shutdown") return failedResult(order, what, "crash", "stopped by shutdown");
  if (reason === "cancelled") return failedResult(order, what, "cancelled", "cancelled");
  const seconds = Math.round(afterSeconds * 10) / 10;
  return failedResult(order, what, "timeout", `timed out after ${seconds} s`);
}
