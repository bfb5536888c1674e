import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "@/lib/shape/manifest";
import type { Engine } from "./engine";
import { SnapshotError } from "./errors";
import type { Row } from "./rows";
import { SnapshotStore } from "./snapshot-store";

const WANTED = { executions: ["task_id", "cost"] };
const ALL_IDS = "SELECT task_id FROM executions ORDER BY task_id";

let instance: DuckDBInstance;
let connection: DuckDBConnection;
/** What each part holds; a part that is not here is gone. */
let parts: Map<string, string[]>;
let fetched: string[];

beforeAll(async () => {
  instance = await DuckDBInstance.create(":memory:");
});

afterAll(() => instance.closeSync());

beforeEach(() => {
  parts = new Map();
  fetched = [];
});

/** A real database with the browser engine's interface; decoding is replaced by the part's list of ids. */
async function openNative(died: Promise<SnapshotError>): Promise<Engine> {
  connection = await instance.connect();
  const schema = `s${Math.random().toString(36).slice(2)}`;
  await connection.run(`CREATE SCHEMA ${schema}; USE ${schema}`);
  return {
    died,
    close: () => undefined,
    insert: async (table, ipc) => {
      const ids = new TextDecoder().decode(ipc).split(",");
      const values = ids.map((id) => `('${id}', 1.5::FLOAT)`).join(", ");
      await connection.run(`CREATE TABLE "${table}" AS SELECT * FROM (VALUES ${values}) AS t(task_id, cost)`);
    },
    transaction: async (statements) => {
      await connection.run("BEGIN");
      for (const statement of statements) await connection.run(statement);
      await connection.run("COMMIT");
    },
    query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[],
  };
}

async function decode({ url }: { url: string }): Promise<Uint8Array> {
  const file = url.split("/").at(-1) ?? "";
  fetched.push(file);
  const ids = parts.get(file);
  if (ids === undefined) throw new SnapshotError("changed", `${file} is gone`, "");
  return new TextEncoder().encode(ids.join(","));
}

/** Publishes days with their ids; the content's version is part of the file's name. */
function publish(generation: number, days: Record<string, string[]>): Manifest {
  const published = Object.entries(days).map(([day, ids]) => {
    const hash = Buffer.from(ids.join()).toString("hex").padEnd(16, "0").slice(-16);
    const file = `executions-${day}.${hash}.parquet`;
    parts.set(file, ids);
    return { file, day, rows: ids.length, bytes: 10, min_timestamp: null, max_timestamp: null, sha256: hash };
  });
  return {
    format: "poolwise-snapshot",
    version: 1,
    created_at: "2026-01-10T00:00:00Z",
    generation,
    tables: {
      executions: {
        columns: [
          { name: "task_id", type: "VARCHAR" },
          { name: "cost", type: "FLOAT" },
        ],
        rows: Object.values(days).flat().length,
        min_timestamp: "2026-01-01T00:00:00Z",
        max_timestamp: "2026-01-09 12:00:00",
        parts: published,
      },
    },
  };
}

function days(count: number): Record<string, string[]> {
  const entries = Array.from({ length: count }, (_, index) => [
    `2026-01-${String(index + 1).padStart(2, "0")}`,
    [`t${index}`],
  ]);
  return Object.fromEntries(entries) as Record<string, string[]>;
}

function storeOf(
  manifests: (Manifest | SnapshotError)[],
  engine = () => openNative(new Promise(() => undefined)),
) {
  return new SnapshotStore(WANTED, {
    openEngine: engine,
    decode,
    fetchManifest: async () => {
      const next = manifests.length > 1 ? manifests.shift() : manifests[0];
      if (next === undefined || next instanceof Error) throw next ?? new Error("no manifest");
      return next;
    },
  });
}

async function ids(store: ReturnType<typeof storeOf>): Promise<unknown[]> {
  return (await store.query(ALL_IDS, {})).map((row) => row["task_id"]);
}

describe("a snapshot", () => {
  it("without parts is an empty table with the right columns", async () => {
    const store = storeOf([publish(1, {})]);
    await store.refresh();
    expect(
      await store.query("SELECT typeof(cost) AS type FROM executions UNION ALL SELECT 'none'", {}),
    ).toEqual([{ type: "none" }]);
    expect(store.getState()).toMatchObject({
      error: null,
      snapshot: { generation: 1, executions: { rows: 0 } },
    });
  });

  it("is loaded newest day first, and reads times without a zone as UTC", async () => {
    const store = storeOf([publish(1, days(3))]);
    await store.refresh();
    expect(fetched.map((file) => file.slice(11, 21))).toEqual(["2026-01-03", "2026-01-02", "2026-01-01"]);
    expect(store.getState().snapshot?.executions.maxMs).toBe(Date.UTC(2026, 0, 9, 12));
  });

  it("shows its newest days first, and says from when on they are whole", async () => {
    const store = storeOf([publish(1, days(12))]);
    const seen: { fromMs: number | null; ids: Promise<unknown[]> }[] = [];
    store.subscribe(() => {
      const { snapshot } = store.getState();
      if (snapshot === null || snapshot.loadedFromMs === seen.at(-1)?.fromMs) return;
      seen.push({ fromMs: snapshot.loadedFromMs, ids: ids(store) });
    });
    await store.refresh();
    expect(seen.map((step) => step.fromMs)).toEqual([Date.UTC(2026, 0, 8), null]);
    expect(await seen[0]?.ids).toEqual(expect.arrayContaining(["t7", "t8", "t9", "t10", "t11"]));
    expect(await seen[1]?.ids).toHaveLength(12);
  });

  it("is followed by fetching only what changed, whether the old part was merged or not", async () => {
    const first = days(10);
    const second = { ...first, "2026-01-10": ["t9", "t9b"] };
    const third: Record<string, string[]> = { ...second, "2026-01-03": ["t2x"] };
    const fourth = Object.fromEntries(Object.entries(third).filter(([day]) => day !== "2026-01-01"));
    const store = storeOf([publish(1, first), publish(2, second), publish(3, third), publish(4, fourth)]);

    await store.refresh();
    expect(await ids(store)).toHaveLength(10);
    fetched = [];
    await store.refresh();
    expect(await ids(store)).toEqual([...Object.values(second).flat()].sort());
    await store.refresh();
    expect(await ids(store)).toEqual([...Object.values(third).flat()].sort());
    await store.refresh();
    expect(await ids(store)).toEqual(Object.values(fourth).flat().sort());
    expect(fetched).toHaveLength(2);
    const tables = await store.query(
      "SELECT count(*)::INTEGER AS n FROM duckdb_tables() WHERE schema_name = current_schema()",
      {},
    );
    // One table of settled parts and one for each of the two days that may still change: nothing is left behind.
    expect(tables).toEqual([{ n: 3 }]);
  });

  it("whose part was pruned on the way is given up for a newer one", async () => {
    const old = publish(1, days(2));
    const stale = structuredClone(old);
    for (const part of old.tables["executions"]?.parts ?? []) parts.delete(part.file);
    const store = storeOf([stale, publish(2, { "2026-01-02": ["new"] })]);
    await store.refresh();
    expect(store.getState()).toMatchObject({ error: null, snapshot: { generation: 2 } });
    expect(await ids(store)).toEqual(["new"]);
  });
});

describe("a failure", () => {
  it("leaves the last snapshot in place, and passes with the next success", async () => {
    const offline = new SnapshotError("network", "The server does not answer", "");
    const manifest = publish(1, days(1));
    const store = storeOf([manifest, offline, manifest]);
    await store.refresh();
    await store.refresh();
    expect(store.getState()).toMatchObject({ error: offline, snapshot: { generation: 1 } });
    expect(await ids(store)).toEqual(["t0"]);
    await store.refresh();
    expect(store.getState().error).toBeNull();
  });

  it("of the engine is reported, and the next refresh starts another and loads again", async () => {
    const deaths: ((error: SnapshotError) => void)[] = [];
    const store = storeOf([publish(1, days(2))], () =>
      openNative(new Promise((resolve) => deaths.push(resolve))),
    );
    await store.refresh();
    const reported = new Promise<void>((resolve) => store.subscribe(resolve));
    deaths[0]?.(new SnapshotError("engine", "stopped", ""));
    await reported;
    expect(store.getState().error?.message).toBe("stopped");
    await store.refresh();
    expect(deaths).toHaveLength(2);
    expect(store.getState().error).toBeNull();
    expect(await ids(store)).toEqual(["t0", "t1"]);
  });
});

it("calls that come during a refresh share one further refresh", async () => {
  let manifests = 0;
  const manifest = publish(1, days(1));
  const store = new SnapshotStore(WANTED, {
    openEngine: () => openNative(new Promise(() => undefined)),
    decode,
    fetchManifest: async () => {
      manifests += 1;
      return manifest;
    },
  });
  await Promise.all([store.refresh(), store.refresh(), store.refresh()]);
  expect(manifests).toBe(2);
});
