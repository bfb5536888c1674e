import "server-only";
import duckdb from "@duckdb/node-bindings";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { encode, type Cell, type Kind, type Row } from "./tables";

/** One DuckDB vector; a chunk cannot hold more rows. */
export const CHUNK_ROWS = 2_048;

// A string of up to 12 bytes lies inside its 16-byte vector entry: 4 bytes of length, then the text.
const INLINE_BYTES = 12;
const STRING_BYTES = 16;

/**
 * Scratch memory that one column at a time is written to, in DuckDB's vector layout, and then copied in one call.
 * Filling is synchronous, so one set serves every table.
 */
const bytes = new Uint8Array(CHUNK_ROWS * STRING_BYTES);
const int32 = new Int32Array(bytes.buffer);
const uint32 = new Uint32Array(bytes.buffer);
const float32 = new Float32Array(bytes.buffer);
const float64 = new Float64Array(bytes.buffer);
const validity = new Uint8Array(CHUNK_ROWS / 8);

/** The last short string of the column being filled, and where it stands. */
let lastText: string | null = null;
let lastAt = 0;

type RawVector = ReturnType<typeof duckdb.data_chunk_get_vector>;
/** Writes one cell that is not null; returns false when the vector's own call has to do it. */
type Put = (cell: string | number | boolean, at: number) => boolean;

const TWO_32 = 2 ** 32;

const PUT: Record<Exclude<Kind, "floats">, Put> = {
  integer: (cell, at) => {
    const value = Number(cell);
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)
      throw new RangeError(`${String(cell)} is not a 32-bit integer`);
    int32[at] = value;
    return true;
  },
  float: (cell, at) => {
    float32[at] = Number(cell);
    return true;
  },
  double: (cell, at) => {
    float64[at] = Number(cell);
    return true;
  },
  boolean: (cell, at) => {
    bytes[at] = cell ? 1 : 0;
    return true;
  },
  bigint: (cell, at) => putInt64(Math.round(Number(cell)), at),
  timestamp: (cell, at) => putInt64(Math.round(Number(cell) * 1_000), at),
  uuid: (cell, at) => putUuid(String(cell), at),
  text: (cell, at) => putInline(String(cell), at),
  json: (cell, at) => putInline(String(cell), at),
};

const BYTES_PER_CELL: Record<Exclude<Kind, "floats">, number> = {
  integer: 4,
  float: 4,
  double: 8,
  boolean: 1,
  bigint: 8,
  timestamp: 8,
  uuid: 16,
  text: STRING_BYTES,
  json: STRING_BYTES,
};

/**
 * Fills a chunk of `rows.length` rows (at most `CHUNK_ROWS`) column by column.
 * Writes vectors' memory directly: one native call per cell, as the driver's own setters make for strings, is what
 * costs most of an insert.
 */
export function fillChunk(
  chunk: DuckDBDataChunk,
  columns: readonly string[],
  kinds: readonly Kind[],
  rows: readonly Row[],
): void {
  for (const [index, column] of columns.entries()) {
    const kind = kinds[index] ?? "text";
    if (kind === "floats") fillLists(chunk, index, column, rows);
    else fillColumn(duckdb.data_chunk_get_vector(chunk.chunk, index), kind, column, rows);
  }
}

function fillColumn(
  vector: RawVector,
  kind: Exclude<Kind, "floats">,
  column: string,
  rows: readonly Row[],
): void {
  const put = PUT[kind];
  const size = BYTES_PER_CELL[kind];
  const long: number[] = [];
  let nulls = 0;
  lastText = null;
  validity.fill(0xff, 0, (rows.length + 7) >> 3);
  for (let i = 0; i < rows.length; i++) {
    const cell: Cell = rows[i]?.[column];
    if (cell === null || cell === undefined) {
      nulls += 1;
      validity[i >> 3] = (validity[i >> 3] ?? 0) & ~(1 << (i & 7));
    } else if (!put(cell, i)) {
      long.push(i);
    }
  }
  if (nulls < rows.length) duckdb.copy_data_to_vector(vector, 0, bytes.buffer, 0, rows.length * size);
  for (const i of long) duckdb.vector_assign_string_element(vector, i, String(rows[i]?.[column]));
  if (nulls > 0) writeValidity(vector, rows.length);
}

function writeValidity(vector: RawVector, count: number): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, (count + 7) >> 3);
}

/** Lists are rare (an imported embedding), so the driver's own way is good enough. */
function fillLists(chunk: DuckDBDataChunk, index: number, column: string, rows: readonly Row[]): void {
  chunk.setColumnValues(
    index,
    rows.map((row) => encode("floats", row[column])),
  );
}

function putInt64(value: number, at: number): true {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a whole number`);
  uint32[at * 2] = value % TWO_32;
  uint32[at * 2 + 1] = Math.floor(value / TWO_32);
  return true;
}

/** DuckDB keeps a UUID as a 128-bit integer, low word first, with its top bit flipped so that it sorts like text. */
function putUuid(text: string, at: number): true {
  const base = at * 4;
  uint32[base] = hex4(text, 28) * 65_536 + hex4(text, 32);
  uint32[base + 1] = hex4(text, 19) * 65_536 + hex4(text, 24);
  uint32[base + 2] = hex4(text, 9) * 65_536 + hex4(text, 14);
  uint32[base + 3] = (hex4(text, 0) * 65_536 + hex4(text, 4)) ^ 0x80000000;
  return true;
}

const HEX = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** Four hexadecimal digits as a number; much cheaper than cutting strings out for parseInt. */
function hex4(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 16 + (HEX[text.charCodeAt(i)] ?? 0);
  return value;
}

/** Puts a short ASCII string into its entry; anything else is left to the vector. */
function putInline(text: string, at: number): boolean {
  const { length } = text;
  if (length > INLINE_BYTES) return false;
  const word = at * 4;
  // Columns such as the tier repeat: what was just written for the same text is copied.
  if (text === lastText && lastAt < at) {
    for (let i = 0; i < 4; i++) uint32[word + i] = uint32[lastAt * 4 + i] ?? 0;
    return true;
  }
  uint32[word] = length;
  uint32[word + 1] = uint32[word + 2] = uint32[word + 3] = 0;
  const base = at * STRING_BYTES + 4;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[base + i] = code;
  }
  lastText = text;
  lastAt = at;
  return true;
}
