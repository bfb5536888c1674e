import { messageOf } from "@/lib/errors";
import type { Manifest } from "@/lib/shape/manifest";
import type { Decode } from "./decoder";
import type { Engine } from "./engine";
import { SnapshotError } from "./errors";
import { partUrl } from "./fetch-manifest";
import { createMemo } from "./memo";
import type { Parameters } from "./parameters";
import {
  arrange,
  NOTHING_HELD,
  partsToFetch,
  presentColumns,
  since,
  type Holding,
  type PartToFetch,
  type WantedColumns,
} from "./plan";
import type { Row } from "./rows";

export type SnapshotInfo = {
  generation: number;
  /** Epoch milliseconds. */
  createdAtMs: number;
  executions: { rows: number; minMs: number | null; maxMs: number | null };
  /** Epoch milliseconds from which every row is there; `null` once that is true of all. */
  loadedFromMs: number | null;
};

export type LoadProgress = { partsDone: number; partsTotal: number; bytesDone: number; bytesTotal: number };

/** `snapshot` stays when a later refresh fails: then `error` says why it is not the newest. */
export type SnapshotState = {
  snapshot: SnapshotInfo | null;
  progress: LoadProgress | null;
  error: SnapshotError | null;
};

export type SnapshotEffects = {
  openEngine: () => Promise<Engine>;
  fetchManifest: () => Promise<Manifest>;
  decode: Decode;
};

/** What the page shows before anything was loaded; one object, so that React sees no change where there is none. */
export const NOTHING_LOADED: SnapshotState = { snapshot: null, progress: null, error: null };

// Enough parts on the way to decode while the engine starts, without holding many in memory.
const PARTS_IN_FLIGHT = 8;
const DAY_MS = 86_400_000;
// Shown before the rest has arrived: the last 24 hours and the 24 before them, which they are compared with.
const FIRST_DAYS = 2;
// A part may be pruned between reading the manifest and fetching it.
const MANIFEST_ATTEMPTS = 3;

/** Keeps the tables in the browser's database at the newest snapshot, and says how that goes. */
export class SnapshotStore {
  readonly #wanted: WantedColumns;
  readonly #effects: SnapshotEffects;
  readonly #listeners = new Set<() => void>();
  readonly #engines = createMemo(() => this.#openEngine());
  #holdings = new Map<string, Holding>();
  #state = NOTHING_LOADED;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(wanted: WantedColumns, effects: SnapshotEffects) {
    this.#wanted = wanted;
    this.#effects = effects;
  }

  readonly getState = (): SnapshotState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Rows of one statement. Rejects with QueryError, SnapshotError, or the signal's reason. */
  readonly query = async (sql: string, parameters: Parameters, signal?: AbortSignal): Promise<Row[]> => {
    const engine = await this.#engines.get();
    return engine.query(sql, parameters, signal);
  };

  /** Brings the views to the newest snapshot. Calls while one is running share one further run. Never rejects. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#refreshWhileAsked();
    return this.#running;
  }

  async #refreshWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#bringUpToDate(1);
      } catch (error) {
        this.#set({ error: asSnapshotError(error), progress: null });
      }
    }
    // In the same step as the last look at what was asked, or a call in between would be lost.
    this.#running = undefined;
  }

  async #openEngine(): Promise<Engine> {
    const engine = await this.#effects.openEngine();
    this.#holdings = new Map();
    void engine.died.then((error) => {
      engine.close();
      this.#engines.forget(engine);
      this.#holdings = new Map();
      this.#set({ error, progress: null });
    });
    return engine;
  }

  async #bringUpToDate(tries: number): Promise<void> {
    // Parts are fetched and decoded while the engine still starts.
    const opening = this.#engines.get();
    opening.catch(() => undefined);
    const manifest = await this.#effects.fetchManifest();
    try {
      if (this.#state.snapshot === null) await this.#showNewestDays(opening, manifest);
      await this.#showAll(opening, manifest);
    } catch (error) {
      const stale = error instanceof SnapshotError && error.code === "changed";
      if (!stale || tries >= MANIFEST_ATTEMPTS) throw error;
      await this.#bringUpToDate(tries + 1);
    }
  }

  /** The first figures do not wait for months of history. */
  async #showNewestDays(opening: Promise<Engine>, manifest: Manifest): Promise<void> {
    const created = parseUtc(manifest.created_at) ?? 0;
    const firstDay = new Date(created - FIRST_DAYS * DAY_MS).toISOString().slice(0, 10);
    const recent = since(manifest, firstDay);
    const all = partsToFetch(manifest, this.#holdings, this.#wanted);
    const parts = partsToFetch(recent, this.#holdings, this.#wanted);
    if (parts.length === all.length) return;
    await this.#loadParts(opening, manifest, parts);
    await this.#show(await opening, recent);
    this.#set({ snapshot: describe(manifest, Date.parse(firstDay)) });
  }

  async #showAll(opening: Promise<Engine>, manifest: Manifest): Promise<void> {
    const parts = partsToFetch(manifest, this.#holdings, this.#wanted);
    await this.#loadParts(opening, manifest, parts);
    const { snapshot, error } = this.#state;
    const isSame =
      snapshot?.generation === manifest.generation && snapshot.createdAtMs === parseUtc(manifest.created_at);
    if (isSame && snapshot.loadedFromMs === null && error === null && parts.length === 0) return;
    await this.#show(await opening, manifest);
    this.#set({ snapshot: describe(manifest, null), progress: null, error: null });
  }

  /** The views change and the old parts go in one step, so that no query sees half a snapshot. */
  async #show(engine: Engine, manifest: Manifest): Promise<void> {
    const arranged = arrange(manifest, this.#holdings, this.#wanted);
    await engine.transaction(arranged.statements);
    this.#holdings = new Map(arranged.holdings);
  }

  async #loadParts(
    opening: Promise<Engine>,
    manifest: Manifest,
    parts: readonly PartToFetch[],
  ): Promise<void> {
    const queue = [...parts];
    const bytesTotal = parts.reduce((sum, { part }) => sum + part.bytes, 0);
    let progress = { partsDone: 0, partsTotal: parts.length, bytesDone: 0, bytesTotal };
    this.#report(progress);
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        await this.#loadPart(opening, manifest, next);
        const { partsDone, bytesDone } = progress;
        progress = { ...progress, partsDone: partsDone + 1, bytesDone: bytesDone + next.part.bytes };
        this.#report(progress);
      }
    };
    await settleAll(Array.from({ length: PARTS_IN_FLIGHT }, work), queue);
  }

  async #loadPart(opening: Promise<Engine>, manifest: Manifest, { table, part }: PartToFetch): Promise<void> {
    const columns = presentColumns(manifest, table, this.#wanted);
    const ipc = await this.#effects.decode({ url: partUrl(part.file), bytes: part.bytes, columns });
    const engine = await opening;
    await engine.insert(part.file, ipc);
    const held = this.#holdings.get(table) ?? NOTHING_HELD;
    this.#holdings.set(table, { ...held, separate: new Set([...held.separate, part.file]) });
  }

  /** A refresh of what is already shown happens quietly. */
  #report(progress: LoadProgress): void {
    const { snapshot } = this.#state;
    if (snapshot === null || snapshot.loadedFromMs !== null) this.#set({ progress });
  }

  #set(change: Partial<SnapshotState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Waits for every worker, so that a failed load leaves none behind; the first failure empties the queue. */
async function settleAll(workers: Promise<void>[], queue: unknown[]): Promise<void> {
  for (const worker of workers) {
    worker.catch(() => {
      queue.length = 0;
    });
  }
  const outcomes = await Promise.allSettled(workers);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function describe(manifest: Manifest, loadedFromMs: number | null): SnapshotInfo {
  const table = manifest.tables["executions"];
  return {
    generation: manifest.generation,
    createdAtMs: parseUtc(manifest.created_at) ?? 0,
    loadedFromMs,
    executions: {
      rows: table?.rows ?? 0,
      minMs: parseUtc(table?.min_timestamp ?? null),
      maxMs: parseUtc(table?.max_timestamp ?? null),
    },
  };
}

/** A manifest's times are UTC, with or without saying so. */
function parseUtc(text: string | null): number | null {
  if (text === null) return null;
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text.replace(" ", "T")}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : ms;
}

function asSnapshotError(error: unknown): SnapshotError {
  if (error instanceof SnapshotError) return error;
  return new SnapshotError("engine", `The snapshot could not be loaded: ${messageOf(error)}`, "Try again.", {
    cause: error,
  });
}
