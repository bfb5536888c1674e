import "server-only";
import { messageOf } from "@/lib/errors";

type Step = () => Promise<unknown>;

const steps: Step[] = [];
let leaving = false;
let serving = false;

/** What must be done when the command is ended early, last registered first. Returns how to take it back. */
export function beforeLeaving(step: Step): () => void {
  steps.push(step);
  return () => {
    const i = steps.indexOf(step);
    if (i >= 0) steps.splice(i, 1);
  };
}

/** Ends the command early, in order; asked again it ends at once. */
export async function leave(code: number): Promise<void> {
  if (leaving) process.exit(code);
  leaving = true;
  for (let step = steps.pop(); step; step = steps.pop()) await step().catch(() => undefined);
  process.exit(code);
}

/** A command that opened the data itself cancels its task and lets go of the data when it is interrupted. */
export function leaveOnSignals(): () => void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const listeners = Object.entries(codes).map(([signal, code]) => {
    const listener = () => void leave(code);
    process.on(signal, listener);
    return () => void process.off(signal, listener);
  });
  return () => listeners.forEach((off) => off());
}

/** From here on a server runs, which has more to do than to print. */
export function keepServing(): void {
  serving = true;
}

/** Whoever reads the output may stop reading it, and the disk behind it may be full. */
export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (serving || leaving) return;
    if (error.code === "EPIPE") return void leave(exitCodeSoFar());
    process.stderr.write(`poolwise: standard output cannot be written: ${messageOf(error)}\n`);
    void leave(1);
  });
  // Nowhere is left to say it; the result on standard output still counts.
  process.stderr.on("error", () => undefined);
}

function exitCodeSoFar(): number {
  return typeof process.exitCode === "number" ? process.exitCode : 0;
}
