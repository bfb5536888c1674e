import "server-only";
import { messageOf } from "@/lib/errors";
import type { RetentionReport } from "@/lib/shape/keeping";
import type { Logger } from "../log";

const DAY_MS = 86_400_000;
/** Long enough that a start is not slowed, short enough that a server restarted every day gets to it. */
const FIRST_MS = 10 * 60_000;

/** Runs retention soon after the start and then once a day. A failure is logged and tried again the next day. */
export function scheduleRetention(
  run: () => Promise<RetentionReport>,
  { logger, firstMs = FIRST_MS, everyMs = DAY_MS }: { logger: Logger; firstMs?: number; everyMs?: number },
): { stop: () => void; lastError: () => string | null } {
  let lastError: string | null = null;
  let timer = setTimeout(tick, firstMs).unref();
  function tick(): void {
    timer = setTimeout(tick, everyMs).unref();
    run().then(
      ({ rows, cutoff }) => {
        lastError = null;
        if (rows > 0) logger.info({ rows, cutoff }, "Rows past retention were archived");
      },
      (error: unknown) => {
        lastError = messageOf(error);
        logger.error({ error: lastError }, "Retention failed");
      },
    );
  }
  return { stop: () => clearTimeout(timer), lastError: () => lastError };
}
