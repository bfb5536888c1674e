import type { DecodeRequest, DecodeResponse } from "./decode-protocol";
import { SnapshotError } from "./errors";

/** Fetches one Parquet part and answers an Arrow IPC stream of the named columns. Rejects with SnapshotError. */
export type Decode = (part: Omit<DecodeRequest, "id">) => Promise<Uint8Array>;

type Waiting = { resolve: (ipc: Uint8Array) => void; reject: (error: SnapshotError) => void };

const REMEDY = {
  network: "Check that the Poolwise server is running, then try again.",
  changed: "A newer snapshot has taken its place; it is loaded next.",
  format: "Publish a full snapshot with 'poolwise snapshot --full', then try again.",
} as const;
const STOPPED_REMEDY =
  "Try again. If it happens once more, publish a full snapshot with 'poolwise snapshot --full'.";

/** Runs Parquet decoding in its own worker, so that the page never waits for it. */
export function createDecoder(workerUrl: string): Decode {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;

  function failAll(message: string): void {
    worker?.terminate();
    worker = undefined;
    const error = new SnapshotError("engine", message, STOPPED_REMEDY);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function open(): Worker {
    if (worker !== undefined) return worker;
    const opened = new Worker(workerUrl);
    opened.addEventListener("message", (event: MessageEvent<DecodeResponse>) => settle(event.data));
    opened.addEventListener("error", (event) =>
      failAll(`The Parquet decoder stopped: ${event.message || "unknown error"}`),
    );
    worker = opened;
    return opened;
  }

  function settle(response: DecodeResponse): void {
    const entry = waiting.get(response.id);
    waiting.delete(response.id);
    if (response.ok) {
      entry?.resolve(response.ipc);
      return;
    }
    entry?.reject(
      new SnapshotError(
        response.code,
        `A part of the snapshot did not load: ${response.message}`,
        REMEDY[response.code],
      ),
    );
  }

  return function decode(part) {
    return new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      open().postMessage({ ...part, id: lastId } satisfies DecodeRequest);
    });
  };
}
