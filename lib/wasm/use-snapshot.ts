"use client";

import { useEffect, useSyncExternalStore } from "react";
import { NOTHING_LOADED, type SnapshotState } from "./snapshot-store";
import { snapshots } from "./snapshots";

// Only a fallback: the server announces a new snapshot as it is published.
const POLL_MS = 15_000;
const EVENTS_URL = "/api/events";

/** Keeps the page's snapshot up to date while it is open. Called once, by the page. */
export function useFreshSnapshot(): void {
  useEffect(keepFresh, []);
}

/** One part of the state, so that what does not show progress does not render for it. */
export function useSnapshotState<K extends keyof SnapshotState>(key: K): SnapshotState[K] {
  return useSyncExternalStore(
    snapshots.subscribe,
    () => snapshots.getState()[key],
    () => NOTHING_LOADED[key],
  );
}

function keepFresh(): () => void {
  const refresh = () => {
    // Without WebAssembly no number of attempts helps.
    if (snapshots.getState().error?.code === "unsupported") return;
    void snapshots.refresh();
  };
  refresh();
  const poll = setInterval(refresh, POLL_MS);
  const events = new EventSource(EVENTS_URL);
  events.addEventListener("snapshot", refresh);
  // The stream breaks when the server goes and opens when it is back: both are worth a look at once.
  events.addEventListener("error", refresh);
  events.addEventListener("open", refresh);
  return () => {
    clearInterval(poll);
    events.close();
  };
}
