import "server-only";
import { messageOf } from "@/lib/errors";
import type { Logger } from "../log";
import type { Publisher } from "./publisher";

const TICK_MS = 500;
/** With a page open a snapshot follows a change soon, but cutting them takes at most a tenth of the time. */
const WATCHED_DUTY = 10;

export type ScheduleOptions = {
  intervalMs: number;
  /** True while somebody has a page open that wants to see changes. */
  isWatched: () => boolean;
  logger: Logger;
};

/** Publishes every interval while there is something new, and within about a second while a page watches. */
export function scheduleSnapshots(
  publisher: Publisher,
  { intervalMs, isWatched, logger }: ScheduleOptions,
): { stop: () => void; lastError: () => string | null } {
  let busy = false;
  let endedAt = 0;
  let tookMs = 0;
  let lastError: string | null = null;
  const tick = async () => {
    if (busy || !publisher.hasChanges) return;
    const gap = isWatched() ? Math.min(intervalMs, tookMs * WATCHED_DUTY) : intervalMs;
    if (Date.now() - endedAt < gap) return;
    busy = true;
    const started = Date.now();
    try {
      await publisher.publish();
      lastError = null;
    } catch (error) {
      lastError = messageOf(error);
      logger.error({ error: lastError }, "A snapshot could not be published");
    }
    endedAt = Date.now();
    tookMs = endedAt - started;
    busy = false;
  };
  const timer = setInterval(() => void tick(), TICK_MS);
  return { stop: () => clearInterval(timer), lastError: () => lastError };
}
