import "server-only";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { manifestSchema, type SnapshotPart } from "@/lib/shape/manifest";
import { openForeignFiles, quoteText } from "../database/foreign";
import { itemOf, sameNames, selectList } from "./columns";
import { WrongInput, type ImportItem, type ImportItems, type ReadOptions } from "./item";
import { reject } from "./values";

/**
 * Executions that a Poolwise wrote as Parquet: a snapshot folder with its manifest, or exported files named
 * executions*.parquet. They come back as they were, with their own source and their texts.
 * @throws WrongInput
 */
export async function* readPoolwise(folder: string, options: ReadOptions): ImportItems {
  const { files, rejects } = await findFiles(folder);
  yield* rejects;
  for (const file of files) yield* readFile(folder, file, options);
}

async function* readFile(folder: string, file: string, options: ReadOptions): ImportItems {
  const database = await openForeignFiles();
  const from = `read_parquet(${quoteText(join(folder, file))})`;
  let row = 0;
  try {
    const mapping = sameNames(await database.columns(from));
    if (!mapping.has("task_id") || !mapping.has("timestamp")) {
      yield reject(file, "has no columns task_id and timestamp");
      return;
    }
    for await (const found of database.rows(`SELECT ${selectList(mapping)} FROM ${from}`)) {
      row += 1;
      yield itemOf(found, {
        ...options,
        withText: true,
        source: null,
        mapping,
        neutralDescription: "poolwise execution",
        reference: `${file} row ${row}`,
        key: () => [file, String(row)],
        strict: true,
      });
    }
  } catch (error) {
    yield reject(
      file,
      `cannot be read after row ${row}: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    database.close();
  }
}

async function findFiles(folder: string): Promise<{ files: string[]; rejects: ImportItem[] }> {
  if (!statSync(folder).isDirectory()) throw new WrongInput(`${folder} is not a folder`);
  const parts = readParts(join(folder, "manifest.json"));
  if (parts) return checkParts(folder, parts);
  const files = readdirSync(folder)
    .filter((name) => /^executions.*\.parquet$/.test(name))
    .sort();
  if (files.length === 0)
    throw new WrongInput(`${folder} has neither the manifest of a snapshot nor executions*.parquet`);
  return { files, rejects: [] };
}

/** Parts of a snapshot's executions, or null when the folder is no snapshot. */
function readParts(manifest: string): SnapshotPart[] | null {
  if (!existsSync(manifest)) return null;
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(readFileSync(manifest, "utf8")));
    return parsed.success ? (parsed.data.tables.executions?.parts ?? []) : null;
  } catch {
    // Damaged, or another program's: what the folder holds is told by its names then.
    return null;
  }
}

/** A part that is gone or is not what the manifest says is named, with how many rows are missing for it. */
async function checkParts(
  folder: string,
  parts: SnapshotPart[],
): Promise<{ files: string[]; rejects: ImportItem[] }> {
  const files: string[] = [];
  const rejects: ImportItem[] = [];
  for (const part of parts) {
    const path = join(folder, part.file);
    if (!existsSync(path))
      rejects.push(reject(part.file, `is in the manifest but not in the folder; ${part.rows} rows`));
    else if ((await sha256(path)) !== part.sha256)
      rejects.push(
        reject(part.file, `is not what the manifest says (its SHA-256 differs); ${part.rows} rows`),
      );
    else files.push(part.file);
  }
  return { files, rejects };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
