export type Memo<T> = {
  /** The value being opened or already open; opens it when there is none. */
  get: () => Promise<T>;
  /** Lets the next `get` open again. Without `of`, whatever is held; with it, only that value. */
  forget: (of?: T) => void;
};

/** Opens once, shares the promise, and forgets a failure so that the next caller may try again. */
export function createMemo<T>(open: () => Promise<T>): Memo<T> {
  let pending: Promise<T> | undefined;
  let value: T | undefined;

  function forget(of?: T): void {
    if (of !== undefined && of !== value) return;
    pending = undefined;
    value = undefined;
  }

  function get(): Promise<T> {
    if (pending !== undefined) return pending;
    const started = open();
    pending = started;
    started.then(
      (opened) => {
        if (pending === started) value = opened;
      },
      () => {
        if (pending === started) forget();
      },
    );
    return started;
  }

  return { get, forget };
}
