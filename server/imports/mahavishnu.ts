import "server-only";
import { openForeignDatabase } from "../database/foreign";
import { itemOf, sameNames, selectList } from "./columns";
import { WrongInput, type ImportItems, type ReadOptions } from "./item";
import { contentKeys } from "./values";

const TABLE = "executions";

/**
 * Executions of a database the reference wrote, of any version: columns it does not have get a neutral value,
 * columns we do not know are passed over with a note.
 * @param ownFile our own database, which is refused
 * @throws ForeignFileUnreadable, WrongInput
 */
export async function* readMahavishnu(file: string, ownFile: string, options: ReadOptions): ImportItems {
  const database = await openForeignDatabase(file, ownFile);
  try {
    const tables = await database.tables();
    if (!tables.includes(TABLE)) {
      throw new WrongInput(`${file} has no table ${TABLE}; it has ${tables.join(", ") || "no tables"}`);
    }
    const columns = await database.columns(TABLE);
    const mapping = sameNames(columns);
    if (!mapping.has("timestamp"))
      throw new WrongInput(`${file}: the table ${TABLE} has no column timestamp`);
    for (const { name } of columns) {
      if (!(mapping as ReadonlyMap<string, unknown>).has(name.toLowerCase()))
        yield { note: `column ${name} has no counterpart here and was passed over` };
    }
    const keyOf = contentKeys();
    let row = 0;
    for await (const found of database.rows(`SELECT ${selectList(mapping)} FROM ${TABLE}`)) {
      row += 1;
      yield itemOf(found, {
        ...options,
        source: "mahavishnu",
        mapping,
        neutralDescription: "mahavishnu task",
        reference: `row ${row}`,
        key: () => keyOf(found),
        strict: true,
      });
    }
  } finally {
    database.close();
  }
}
