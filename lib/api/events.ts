import type { PoolwiseEvent } from "@/lib/shape/events";

type Listener = (event: PoolwiseEvent) => void;
type StatusListener = (connected: boolean) => void;

/** A browser gives up for good when the server answers anything but a stream, as during a restart. */
const REOPEN_AFTER_MS = 3_000;

const EVENT_TYPES = ["task", "pool", "snapshot"] as const satisfies readonly PoolwiseEvent["type"][];

/**
 * One connection to `/api/events` for the whole page, open while anyone listens and the tab is visible:
 * a browser allows six connections to one origin over all its tabs, so hidden tabs must not hold one.
 */
export function createEventStream(open: () => EventSource, page: Document | null) {
  const listeners = new Set<Listener>();
  const statusListeners = new Set<StatusListener>();
  let source: EventSource | null = null;
  let reopening: ReturnType<typeof setTimeout> | null = null;

  function report(connected: boolean): void {
    for (const listener of statusListeners) listener(connected);
  }

  function connect(): void {
    if (source || page?.visibilityState === "hidden") return;
    const opened = open();
    source = opened;
    opened.addEventListener("open", () => report(true));
    opened.addEventListener("error", () => {
      report(false);
      if (opened.readyState !== opened.CLOSED || source !== opened) return;
      source = null;
      reopening = setTimeout(connect, REOPEN_AFTER_MS);
    });
    for (const type of EVENT_TYPES) {
      opened.addEventListener(type, (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as PoolwiseEvent;
        for (const listener of listeners) listener(event);
      });
    }
  }

  function disconnect(): void {
    if (reopening) clearTimeout(reopening);
    reopening = null;
    source?.close();
    source = null;
  }

  function onVisibility(): void {
    if (page?.visibilityState === "hidden") disconnect();
    else connect();
  }

  /**
   * `onConnected(true)` also follows every gap, during which events were lost: read again what is shown.
   * Returns the function that stops listening.
   */
  return function subscribe(listener: Listener, onConnected?: StatusListener): () => void {
    if (listeners.size === 0) page?.addEventListener("visibilitychange", onVisibility);
    listeners.add(listener);
    if (onConnected) statusListeners.add(onConnected);
    if (source && source.readyState === source.OPEN) onConnected?.(true);
    connect();
    return () => {
      listeners.delete(listener);
      if (onConnected) statusListeners.delete(onConnected);
      if (listeners.size > 0) return;
      page?.removeEventListener("visibilitychange", onVisibility);
      disconnect();
    };
  };
}

export const subscribeToEvents = createEventStream(
  () => new EventSource("/api/events"),
  typeof document === "undefined" ? null : document,
);
