import "server-only";
import { openForeignFiles, quoteText, type ForeignColumn, type ForeignDatabase } from "../database/foreign";
import { csvTable, damagedLines } from "./csv";
import { itemOf, sameNames, selectList, type Column, type Mapping } from "./columns";
import { WrongInput, type ImportItems, type ReadOptions } from "./item";
import { contentKeys } from "./values";

export type MappedOptions = {
  format: "parquet" | "csv";
  /** What the rows are marked with; ids that are no UUIDs need to be unique within it. */
  source: string;
  map: [Column, string][];
};

/**
 * Any Parquet or CSV file. Columns named like ours are taken as they are; `map` says from which of the file's
 * columns another one is read. A timestamp is needed, everything else may be left out.
 * @throws WrongInput
 */
export async function* readMapped(
  file: string,
  { format, source, map }: MappedOptions,
  options: ReadOptions,
): ImportItems {
  const database = await openForeignFiles();
  const from = format === "csv" ? csvTable(file) : `read_parquet(${quoteText(file)})`;
  try {
    const columns = await describe(database, from, file);
    const mapping = mappingOf(columns, map, file);
    const keyOf = contentKeys();
    let row = 0;
    for await (const found of database.rows(`SELECT ${selectList(mapping)} FROM ${from}`)) {
      row += 1;
      yield itemOf(found, {
        ...options,
        source,
        mapping,
        neutralDescription: `${format} row`,
        reference: `row ${row}`,
        key: () => keyOf(found),
        strict: false,
      });
    }
    if (format === "csv") yield* damagedLines(database);
  } finally {
    database.close();
  }
}

async function describe(database: ForeignDatabase, from: string, file: string): Promise<ForeignColumn[]> {
  try {
    return await database.columns(from);
  } catch (error) {
    throw new WrongInput(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function mappingOf(columns: ForeignColumn[], map: [Column, string][], file: string): Mapping {
  const names = columns.map(({ name }) => name);
  const mapping = sameNames(columns.filter(({ name }) => name.toLowerCase() !== "source"));
  for (const [ours, theirs] of map) {
    const column = columns.find(({ name }) => name === theirs);
    if (!column)
      throw new WrongInput(
        `--map ${ours}=${theirs}: ${file} has no column ${theirs}; it has ${names.join(", ")}`,
      );
    if (ours === "source") throw new WrongInput("--map source: say the source of these rows with --source");
    mapping.set(ours, column);
  }
  if (!mapping.has("timestamp")) {
    throw new WrongInput(
      `say which column is the time with --map timestamp=<column>; ${file} has ${names.join(", ")}`,
    );
  }
  return mapping;
}
