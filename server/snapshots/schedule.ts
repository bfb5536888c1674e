import "server-only";
import { messageOf } from "@/lib/errors";
import type { Logger } from "../log";
import type { Publisher } from "./publisher";

const LOOK_MS = 50;
/** Cutting snapshots for a page takes at most this share of the time, */
const WATCHED_SHARE = 0.1;
/** saved up while nothing changes, so that a task's end need not wait out the snapshot of its start. */
const SAVED_MAX_MS = 2_000;
/** After a failure, so that what fails at once is not tried and logged many times a second. */
const FAILED_PAUSE_MS = 2_000;

export type ScheduleOptions = {
  intervalMs: number;
  /** True while somebody has a page open that wants to see changes. */
  isWatched: () => boolean;
  logger: Logger;
};

/**
 * Publishes every interval while there is something new, and within about a tenth of a second while a page
 * watches: later only when publishing has taken more than its share, then by at most ten times what the last
 * one took.
 */
export function scheduleSnapshots(
  publisher: Publisher,
  { intervalMs, isWatched, logger }: ScheduleOptions,
): { stop: () => void; lastError: () => string | null } {
  const budget = createBudget();
  let busy = false;
  let seen = false;
  let endedAt = -Infinity;
  let lastError: string | null = null;

  function isDue(): boolean {
    const sinceLast = performance.now() - endedAt;
    if (sinceLast >= intervalMs) return true;
    if (!isWatched() || (lastError !== null && sinceLast < FAILED_PAUSE_MS)) return false;
    return budget.hasSome();
  }

  async function publish(): Promise<void> {
    const startedAt = performance.now();
    try {
      await publisher.publish();
      lastError = null;
    } catch (error) {
      lastError = messageOf(error);
      logger.error({ error: lastError }, "A snapshot could not be published");
    }
    endedAt = performance.now();
    budget.spend(endedAt - startedAt);
  }

  async function look(): Promise<void> {
    if (busy) return;
    // Published at the second look: a quick task's start and end then share one snapshot.
    const wasSeen = seen;
    seen = publisher.hasChanges;
    if (!seen || !wasSeen || !isDue()) return;
    busy = true;
    seen = false;
    await publish();
    busy = false;
  }

  const timer = setInterval(() => void look(), LOOK_MS);
  return { stop: () => clearInterval(timer), lastError: () => lastError };
}

/** Time to spend, in milliseconds. It fills as time passes; the last spending may leave a debt. */
function createBudget(): { hasSome: () => boolean; spend: (ms: number) => void } {
  let saved = SAVED_MAX_MS;
  // A clock that only goes forward: one that is set back must not hold up snapshots.
  let countedAt = performance.now();

  function fill(): void {
    const now = performance.now();
    saved = Math.min(SAVED_MAX_MS, saved + (now - countedAt) * WATCHED_SHARE);
    countedAt = now;
  }

  return {
    hasSome: () => {
      fill();
      return saved > 0;
    },
    spend: (ms) => {
      fill();
      saved = Math.max(saved, 0) - ms;
    },
  };
}
