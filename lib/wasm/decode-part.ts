import { ParquetFile, type Schema } from "parquet-wasm/esm";

// The reader's default of 1,024 rows makes decoding and inserting four times slower.
const BATCH_ROWS = 131_072;

/**
 * Arrow IPC stream of the named columns of a Parquet file; a column the file does not have is left out.
 * The module has to be initialised. Rejects when the bytes are not Parquet; damage further in can trap
 * the module instead: then the promise never settles, and the trap is an uncaught error of the thread.
 */
export async function decodePart(part: Blob, columns: readonly string[]): Promise<Uint8Array> {
  // `readParquet` takes the same options and ignores `columns`.
  const file = await ParquetFile.fromFile(part);
  try {
    const table = await file.read({ batchSize: BATCH_ROWS, columns: columnsOf(file, columns) });
    return table.intoIPCStream();
  } finally {
    file.free();
  }
}

/** The reader refuses a column that is not there, and an older part may have been written before one existed. */
function columnsOf(file: ParquetFile, wanted: readonly string[]): string[] {
  const schema = file.schema();
  try {
    return wanted.filter((name) => hasColumn(schema, name));
  } finally {
    schema.free();
  }
}

function hasColumn(schema: Schema, name: string): boolean {
  try {
    schema.indexOf(name);
    return true;
  } catch {
    return false;
  }
}
