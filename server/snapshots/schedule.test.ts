import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import pino from "pino";
import type { Publisher } from "./publisher";
import { scheduleSnapshots } from "./schedule";

const INTERVAL_MS = 30_000;

let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

type Setup = { watched?: boolean; tookMs?: number };

/** A publisher that takes a given time and remembers when it was asked. `change` makes something new. */
function start({ watched = true, tookMs = 40 }: Setup = {}) {
  const publishedAt: number[] = [];
  const fake = {
    hasChanges: false,
    tookMs,
    watched,
    failure: null as Error | null,
    publish: async () => {
      publishedAt.push(performance.now());
      const { failure } = fake;
      fake.hasChanges = failure !== null;
      await new Promise((resolve) => setTimeout(resolve, fake.tookMs));
      if (failure !== null) throw failure;
    },
  };
  const schedule = scheduleSnapshots(fake as unknown as Publisher, {
    intervalMs: INTERVAL_MS,
    isWatched: () => fake.watched,
    logger: pino({ level: "silent" }),
  });
  stop = schedule.stop;
  return { fake, publishedAt, lastError: schedule.lastError };
}

async function publishOnce(fake: { hasChanges: boolean }): Promise<void> {
  fake.hasChanges = true;
  await vi.advanceTimersByTimeAsync(1_000);
}

async function changeAllTheTime(fake: { hasChanges: boolean }, forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += 10) {
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(10);
  }
}

describe("while a page watches", () => {
  it("a change is published within a tenth of a second, wherever it falls between two looks", async () => {
    const { fake, publishedAt } = start();
    for (const offset of [1, 17, 33, 49]) {
      await vi.advanceTimersByTimeAsync(10_000 + offset);
      const changedAt = performance.now();
      fake.hasChanges = true;
      await vi.advanceTimersByTimeAsync(100);
      expect((publishedAt.at(-1) ?? 0) - changedAt).toBeGreaterThan(0);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(publishedAt).toHaveLength(4);
  });

  it("a task's end soon after its start does not wait out a pause", async () => {
    const { fake, publishedAt } = start({ tookMs: 150 });
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(100);
    expect(publishedAt).toHaveLength(1);
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(250);
    expect(publishedAt).toHaveLength(2);
  });

  it("a change while one is published gets a snapshot of its own, never two at a time", async () => {
    const { fake, publishedAt } = start({ tookMs: 150 });
    await changeAllTheTime(fake, 1_000);
    const gaps = publishedAt.slice(1).map((at, index) => at - (publishedAt[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(2);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(150);
  });

  it("publishing takes at most a tenth of the time when everything changes all the time", async () => {
    const { fake, publishedAt } = start({ tookMs: 200 });
    await changeAllTheTime(fake, 60_000);
    const before = publishedAt.length;
    await changeAllTheTime(fake, 100_000);
    const spent = (publishedAt.length - before) * 200;
    expect(spent).toBeLessThanOrEqual(100_000 * 0.1 + 200);
    expect(spent).toBeGreaterThan(100_000 * 0.08);
  });

  it("no change waits more than about two seconds while publishing is quick", async () => {
    const { fake, publishedAt } = start({ tookMs: 200 });
    await changeAllTheTime(fake, 120_000);
    const gaps = publishedAt.slice(1).map((at, index) => at - (publishedAt[index] ?? 0) - 200);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2_100);
  });

  it("a long one is paid off, but never for longer than the interval", async () => {
    const { fake, publishedAt } = start({ tookMs: 20_000 });
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(20_100);
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(INTERVAL_MS - 1_000);
    expect(publishedAt).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(publishedAt).toHaveLength(2);
  });
});

it("nobody watches: the first change is published at once, the next ones every interval", async () => {
  const { fake, publishedAt } = start({ watched: false });
  await publishOnce(fake);
  expect(publishedAt).toHaveLength(1);
  fake.hasChanges = true;
  await vi.advanceTimersByTimeAsync(INTERVAL_MS - 2_000);
  expect(publishedAt).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(publishedAt).toHaveLength(2);
});

it("a page that opens sees what has waited", async () => {
  const { fake, publishedAt } = start({ watched: false });
  await publishOnce(fake);
  await publishOnce(fake);
  expect(publishedAt).toHaveLength(1);
  fake.watched = true;
  await vi.advanceTimersByTimeAsync(100);
  expect(publishedAt).toHaveLength(2);
});

it("nothing new: nothing is published", async () => {
  const { publishedAt } = start();
  await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS);
  expect(publishedAt).toHaveLength(0);
});

it("a clock that is set back does not hold up snapshots", async () => {
  for (const watched of [true, false]) {
    const { fake, publishedAt } = start({ watched });
    await publishOnce(fake);
    vi.setSystemTime(Date.now() - 7 * 86_400_000);
    fake.hasChanges = true;
    await vi.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(publishedAt).toHaveLength(2);
    stop();
  }
});

it("a failure is reported and tried again after a pause, until it works", async () => {
  const { fake, publishedAt, lastError } = start({ tookMs: 1 });
  fake.failure = new Error("disk full");
  fake.hasChanges = true;
  await vi.advanceTimersByTimeAsync(1_500);
  expect(lastError()).toBe("disk full");
  expect(publishedAt).toHaveLength(1);
  fake.failure = null;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(publishedAt).toHaveLength(2);
  expect(lastError()).toBeNull();
});

it("after it was stopped nothing is published any more", async () => {
  const { fake, publishedAt } = start();
  stop();
  fake.hasChanges = true;
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(publishedAt).toHaveLength(0);
});
