import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC, type Table } from "apache-arrow";
import init, { wasmMemory } from "parquet-wasm/esm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodePart } from "./decode-part";

const ROWS = 70_000;
// As the server writes parts: several row groups, zstd.
const OPTIONS = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720";

let folder: string;
let part: Blob;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "poolwise-decode-"));
  const path = join(folder, "part.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 'id' || i AS task_id, i::FLOAT AS cost, TIMESTAMP '2026-01-01' + to_seconds(i) AS "timestamp",
      md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS prompt, MAP {'k': 'v'} AS metadata FROM range(${ROWS}) AS t(i))
     TO '${path}' (${OPTIONS})`,
  );
  instance.closeSync();
  part = new Blob([readFileSync(path)]);
  const wasm = createRequire(import.meta.url).resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  await init({ module_or_path: readFileSync(wasm) });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(columns: readonly string[]): Promise<Table> {
  return tableFromIPC(await decodePart(part, columns));
}

function namesOf(table: Table): string[] {
  return table.schema.fields.map((field) => field.name).sort();
}

it("only the wanted columns are decoded, with all of their rows", async () => {
  const table = await read(["cost", "task_id"]);
  expect(namesOf(table)).toEqual(["cost", "task_id"]);
  expect(table.numRows).toBe(ROWS);
  const last = table.get(ROWS - 1);
  expect([last?.["task_id"], last?.["cost"]]).toEqual([`id${ROWS - 1}`, ROWS - 1]);
});

it("a column that an older part does not have is left out", async () => {
  const table = await read(["task_id", "added_later"]);
  expect(namesOf(table)).toEqual(["task_id"]);
  expect(table.numRows).toBe(ROWS);
});

it("the batches are as large as the row groups, not the reader's default", async () => {
  expect((await read(["cost"])).batches).toHaveLength(Math.ceil(ROWS / 30_720));
});

it("decoding the same part again and again needs no more memory", async () => {
  const bytes = () => wasmMemory().buffer.byteLength;
  for (let round = 0; round < 3; round += 1) await decodePart(part, ["task_id", "prompt"]);
  const before = bytes();
  for (let round = 0; round < 12; round += 1) await decodePart(part, ["task_id", "prompt"]);
  expect(bytes()).toBe(before);
});

it("what is not Parquet is refused", async () => {
  await expect(decodePart(new Blob(["not a part"]), ["task_id"])).rejects.toThrow();
});
