import { expect, it } from "vitest";
import { createQueue, orAbort } from "./queue";

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

it("runs jobs one at a time, in order, also after a failure", async () => {
  const enqueue = createQueue();
  const gate = deferred();
  const seen: string[] = [];
  const first = enqueue(async () => {
    seen.push("first starts");
    await gate.promise;
    seen.push("first ends");
    throw new Error("no");
  });
  const second = enqueue(async () => {
    seen.push("second");
  });
  gate.resolve();
  await expect(first).rejects.toThrow("no");
  await second;
  expect(seen).toEqual(["first starts", "first ends", "second"]);
});

it("never starts a job that was given up while it waited", async () => {
  const enqueue = createQueue();
  const gate = deferred();
  const abort = new AbortController();
  let started = false;
  const first = enqueue(() => gate.promise);
  const second = enqueue(async () => {
    started = true;
  }, abort.signal);
  abort.abort();
  gate.resolve();
  await first;
  await expect(second).rejects.toThrow("abort");
  expect(started).toBe(false);
});

it("answers an abort at once and lets the job's own failure pass unheard", async () => {
  const gate = deferred();
  const abort = new AbortController();
  const failing = gate.promise.then(() => Promise.reject(new Error("too late")));
  const answer = orAbort(failing, abort.signal);
  abort.abort();
  await expect(answer).rejects.toThrow("abort");
  await expect(orAbort(Promise.reject(new Error("never heard")), abort.signal)).rejects.toThrow("abort");
  gate.resolve();
  await expect(failing).rejects.toThrow("too late");
});
