import "server-only";
import type { PoolwiseEvent } from "@/lib/shape/events";

export type NumberedEvent = { id: string; event: PoolwiseEvent };
type Listener = (event: NumberedEvent) => void;

const KEPT_EVENTS = 2_000;

/** Announces what happens, and keeps the last events so that a reader who was cut off can catch up. */
export class EventBus {
  private readonly kept: NumberedEvent[] = [];
  private readonly listeners = new Set<Listener>();
  private sequence = 0;

  /** @param epoch tells this process's events from those of the one before */
  constructor(private readonly epoch = Date.now().toString(36)) {}

  get listenerCount(): number {
    return this.listeners.size;
  }

  emit(event: PoolwiseEvent): void {
    const numbered = { id: `${this.epoch}-${++this.sequence}`, event };
    this.kept.push(numbered);
    if (this.kept.length > KEPT_EVENTS) this.kept.shift();
    for (const listener of this.listeners) listener(numbered);
  }

  /** Events after `lastEventId`; none when it is unknown or too old, since the reader starts afresh then. */
  since(lastEventId: string): NumberedEvent[] {
    const index = this.kept.findIndex((event) => event.id === lastEventId);
    return index < 0 ? [] : this.kept.slice(index + 1);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
