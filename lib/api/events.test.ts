import { describe, expect, test } from "vitest";
import { createEventStream } from "./events";

class FakeSource extends EventTarget {
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readyState = 0;
  close(): void {
    this.readyState = this.CLOSED;
  }
  send(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

class FakePage extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";
  turn(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

function setUp() {
  const opened: FakeSource[] = [];
  const page = new FakePage();
  const subscribe = createEventStream(
    () => {
      const source = new FakeSource();
      opened.push(source);
      return source as unknown as EventSource;
    },
    page as unknown as Document,
  );
  return { opened, page, subscribe };
}

const closedPool = { type: "pool", pool_id: "p1", name: "default", change: "closed" };

describe("the event stream", () => {
  test("shares one connection among all listeners and closes it with the last", () => {
    const { opened, subscribe } = setUp();
    const seen: string[] = [];
    const stopFirst = subscribe((event) => seen.push(`first ${event.type}`));
    const stopSecond = subscribe((event) => seen.push(`second ${event.type}`));
    opened[0]?.send("pool", closedPool);
    expect(opened).toHaveLength(1);
    expect(seen).toEqual(["first pool", "second pool"]);
    stopFirst();
    expect(opened[0]?.readyState).toBe(0);
    stopSecond();
    expect(opened[0]?.readyState).toBe(2);
  });

  test("holds no connection while the tab is hidden", () => {
    const { opened, page, subscribe } = setUp();
    subscribe(() => {});
    page.turn("hidden");
    expect(opened[0]?.readyState).toBe(2);
    page.turn("visible");
    expect(opened).toHaveLength(2);
  });

  test("tells a late listener that the stream is already open", () => {
    const { opened, subscribe } = setUp();
    subscribe(() => {});
    const source = opened[0];
    if (source) source.readyState = source.OPEN;
    const states: boolean[] = [];
    subscribe(
      () => {},
      (connected) => states.push(connected),
    );
    expect(states).toEqual([true]);
  });
});
