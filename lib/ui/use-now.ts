"use client";

import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

/**
 * Epoch milliseconds in whole steps (default one second), kept by one timer for the whole page; a component
 * renders again only when its step is over. `null` on the server and while hydrating, where no clock is shared.
 */
export function useNow(stepMs = TICK_MS): number | null {
  return useSyncExternalStore<number | null>(
    subscribe,
    () => Math.floor(readClock() / stepMs) * stepMs,
    () => null,
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    now = 0;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function readClock(): number {
  // A snapshot has to stay the same between ticks, or React renders for ever.
  if (now === 0) now = Date.now();
  return now;
}
