import type { Manifest, SnapshotPart } from "@/lib/shape/manifest";

export type WantedColumns = Readonly<Record<string, readonly string[]>>;

/**
 * Where a table's rows are. A part that may still change is a table of its own, named like its file;
 * settled parts are merged into `base`, because every table under a view costs a millisecond per query.
 */
export type Holding = { base: string | null; merged: ReadonlySet<string>; separate: ReadonlySet<string> };
export type Holdings = ReadonlyMap<string, Holding>;

export const NOTHING_HELD: Holding = { base: null, merged: new Set(), separate: new Set() };

export type PartToFetch = { table: string; part: SnapshotPart };

export type Arrangement = {
  /** Run in one transaction: afterwards every view shows the new snapshot. */
  statements: string[];
  holdings: Holdings;
};

// Rows are written to the current day, and around midnight still to the one before.
const CHANGING_PARTS = 2;
const MERGE_FROM_PARTS = 4;
const PART_COLUMN = "snapshot_part";
const COLUMN_TYPE = /^[A-Za-z][A-Za-z0-9_ (),[\]]*$/;

/**
 * Parts that are not loaded yet, newest day first. A part's name carries its content's hash,
 * so the same name is the same rows and is never fetched twice.
 */
export function partsToFetch(manifest: Manifest, holdings: Holdings, wanted: WantedColumns): PartToFetch[] {
  const missing = Object.keys(wanted).flatMap((table) => {
    const { merged, separate } = holdings.get(table) ?? NOTHING_HELD;
    const parts = manifest.tables[table]?.parts ?? [];
    return parts
      .filter((part) => !merged.has(part.file) && !separate.has(part.file))
      .map((part) => ({ table, part }));
  });
  return missing.sort((a, b) => b.part.day.localeCompare(a.part.day));
}

/** How to show a snapshot whose parts have all been loaded: what to merge, what to drop, and the views. */
export function arrange(manifest: Manifest, holdings: Holdings, wanted: WantedColumns): Arrangement {
  const next = new Map<string, Holding>();
  const statements = Object.keys(wanted).flatMap((table) => {
    const types = columnTypes(manifest, table, wanted);
    const files = (manifest.tables[table]?.parts ?? [])
      .toSorted((a, b) => b.day.localeCompare(a.day))
      .map((part) => part.file);
    const arranged = arrangeTable({
      table,
      types,
      files,
      held: holdings.get(table) ?? NOTHING_HELD,
      manifest,
    });
    next.set(table, arranged.holding);
    return arranged.statements;
  });
  return { statements, holdings: next };
}

type TableInput = {
  table: string;
  types: string;
  /** Newest day first. */
  files: string[];
  held: Holding;
  manifest: Manifest;
};

function arrangeTable({ table, types, files, held, manifest }: TableInput): {
  statements: string[];
  holding: Holding;
} {
  const named = new Set(files);
  const gone = [...held.merged].filter((file) => !named.has(file));
  const settled = files.slice(CHANGING_PARTS).filter((file) => !held.merged.has(file));
  const rebuild = gone.length > 0 || settled.length >= MERGE_FROM_PARTS;
  const stay = [...held.merged].filter((file) => named.has(file));
  const merged = new Set(rebuild ? [...stay, ...settled] : held.merged);
  const separate = new Set(files.filter((file) => !merged.has(file)));
  const base = rebuild ? `${table}#${manifest.generation}:${manifest.created_at}` : held.base;

  const statements: string[] = [];
  const drop = [...held.separate].filter((file) => !separate.has(file));
  if (rebuild) {
    const parts = settled.map(
      (file) => `SELECT *, ${quoteText(file)} AS ${PART_COLUMN} FROM ${quoteName(file)}`,
    );
    const kept =
      held.base === null
        ? []
        : [`SELECT * FROM ${quoteName(held.base)} WHERE ${PART_COLUMN} NOT IN (${list(gone)})`];
    const none = `SELECT ${types}, CAST(NULL AS VARCHAR) AS ${PART_COLUMN} WHERE false`;
    const union = [...parts, ...kept, none];
    statements.push(`CREATE TABLE ${quoteName(base ?? table)} AS ${union.join(" UNION ALL BY NAME ")}`);
    if (held.base !== null) drop.push(held.base);
  }
  statements.push(
    view(table, types, base, separate),
    ...drop.map((name) => `DROP TABLE IF EXISTS ${quoteName(name)}`),
  );
  return { statements, holding: { base, merged, separate } };
}

// Newest rows first: a query for the latest few then has them at once, and skips what is older unread.
// The typed empty row set gives names and types when there are no parts, and when no part was written since a
// column exists; the settled rows, made with it, already have them, and every branch costs a little per query.
function view(table: string, types: string, base: string | null, separate: ReadonlySet<string>): string {
  const parts = [...separate].map((file) => `SELECT * FROM ${quoteName(file)}`);
  const rest =
    base === null
      ? `SELECT ${types} WHERE false`
      : `SELECT * EXCLUDE (${PART_COLUMN}) FROM ${quoteName(base)}`;
  return `CREATE OR REPLACE VIEW ${quoteName(table)} AS ${[...parts, rest].join(" UNION ALL BY NAME ")}`;
}

/** The snapshot as if it had only the parts of a day and later; parts that are not of a day stay. */
export function since(manifest: Manifest, day: string): Manifest {
  const tables = Object.entries(manifest.tables).map(([name, table]) => {
    return [name, { ...table, parts: table.parts.filter((part) => part.day >= day) }] as const;
  });
  return { ...manifest, tables: Object.fromEntries(tables) };
}

/** The columns of a table that both the reader wants and the snapshot has. */
export function presentColumns(manifest: Manifest, table: string, wanted: WantedColumns): string[] {
  const present = new Set(manifest.tables[table]?.columns.map((column) => column.name));
  return (wanted[table] ?? []).filter((column) => present.has(column));
}

function columnTypes(manifest: Manifest, table: string, wanted: WantedColumns): string {
  const types = new Map(manifest.tables[table]?.columns.map((column) => [column.name, column.type]));
  const columns = wanted[table] ?? [];
  return columns.map((name) => `CAST(NULL AS ${safeType(types.get(name))}) AS ${quoteName(name)}`).join(", ");
}

function safeType(type: string | undefined): string {
  return type === undefined || !COLUMN_TYPE.test(type) ? "VARCHAR" : type;
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? "''" : texts.map(quoteText).join(", ");
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
