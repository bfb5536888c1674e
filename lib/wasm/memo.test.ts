import { expect, it } from "vitest";
import { createMemo } from "./memo";

function deferredOpens() {
  const opens: { resolve: (value: object) => void; reject: (error: Error) => void }[] = [];
  const memo = createMemo(() => new Promise<object>((resolve, reject) => opens.push({ resolve, reject })));
  return { memo, opens };
}

it("opens once for callers that come while it is opening, and for those after", async () => {
  const { memo, opens } = deferredOpens();
  const [first, second] = [memo.get(), memo.get()];
  const value = {};
  opens[0]?.resolve(value);
  expect(await first).toBe(value);
  expect(await second).toBe(value);
  expect(await memo.get()).toBe(value);
  expect(opens).toHaveLength(1);
});

it("forgets a failure, so that the next caller opens again", async () => {
  const { memo, opens } = deferredOpens();
  const failing = memo.get();
  opens[0]?.reject(new Error("no"));
  await expect(failing).rejects.toThrow("no");
  const value = {};
  const next = memo.get();
  opens[1]?.resolve(value);
  expect(await next).toBe(value);
});

it("keeps a newer value when an older one is to be forgotten", async () => {
  const { memo, opens } = deferredOpens();
  const [old, fresh] = [{}, {}];
  const first = memo.get();
  opens[0]?.resolve(old);
  await first;
  memo.forget(old);
  const second = memo.get();
  opens[1]?.resolve(fresh);
  await second;
  memo.forget(old);
  expect(await memo.get()).toBe(fresh);
  expect(opens).toHaveLength(2);
});
