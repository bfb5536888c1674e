/** Runs one job at a time, in order. */
export type Queue = <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * The database worker does one thing at a time; queueing here means that a job nobody waits for any more
 * never reaches it.
 */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return async function enqueue<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = last.then(async () => {
      signal?.throwIfAborted();
      return job();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** The promise's outcome, or the signal's reason if that comes first. The promise itself is not stopped. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () =>
      reject(signal.reason instanceof Error ? signal.reason : new DOMException("Aborted", "AbortError"));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
