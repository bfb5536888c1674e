import { z } from "zod";
import { readEvents } from "@/server/cli/sse";
import { manifestSchema } from "@/lib/shape/manifest";
import { FINAL_STATUSES, TASK_STATUSES } from "@/lib/shape/task";

const taskEventSchema = z.object({ task_id: z.string(), status: z.enum(TASK_STATUSES) });

/** Times are those of `performance.now()`. */
export type Follower = {
  /** When the end of a task was announced. */
  whenEnded: (taskId: string) => Promise<number>;
  /** When a manifest that counts this many executions had arrived. */
  whenVisible: (rows: number) => Promise<number>;
  close: () => void;
};

/** Listens like an open page: to every event, fetching the manifest whenever a new snapshot is announced. */
export async function follow(url: string): Promise<Follower> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/events`, { signal: stop.signal });
  if (!response.body) throw new Error("The server sends no events.");
  const ended = createBoard<string>();
  const visible = createBoard<number>();

  function fail(error: unknown): void {
    ended.fail(error);
    visible.fail(error);
  }

  async function readManifest(): Promise<void> {
    const manifest = manifestSchema.parse(await (await fetch(`${url}/api/snapshots/manifest.json`)).json());
    visible.post(manifest.tables.executions?.rows ?? 0);
  }

  async function listen(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const { event, data } of readEvents(body)) {
      if (event === "snapshot") readManifest().catch(fail);
      if (event !== "task") continue;
      const { task_id, status } = taskEventSchema.parse(JSON.parse(data));
      if (!FINAL_STATUSES.includes(status)) continue;
      if (status !== "succeeded") throw new Error(`A task ended as ${status}.`);
      ended.post(task_id);
    }
  }

  listen(response.body).catch(fail);
  return { whenEnded: ended.when, whenVisible: visible.when, close: () => stop.abort() };
}

type Board<K> = { post: (key: K) => void; when: (key: K) => Promise<number>; fail: (error: unknown) => void };
type Entry = { promise: Promise<number>; resolve: (at: number) => void; reject: (error: unknown) => void };

/** Keeps when each key was first posted, for those who ask before and those who ask after. */
function createBoard<K>(): Board<K> {
  const entries = new Map<K, Entry>();

  function entryOf(key: K): Entry {
    const entry = entries.get(key) ?? createEntry();
    entries.set(key, entry);
    return entry;
  }

  return {
    post: (key) => entryOf(key).resolve(performance.now()),
    when: (key) => entryOf(key).promise,
    fail: (error) => {
      for (const { reject } of entries.values()) reject(error);
    },
  };
}

function createEntry(): Entry {
  let resolve: Entry["resolve"] = () => undefined;
  let reject: Entry["reject"] = () => undefined;
  const promise = new Promise<number>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Whoever waits hears of the failure; an entry nobody waits for must not end the process.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
