import "server-only";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@/lib/errors";
import { backupManifestSchema, type BackupManifest } from "@/lib/shape/keeping";
import { SCHEMA_VERSION } from "../database/migrate";
import { hashFile } from "../snapshots/durable-file";
import { MANIFEST } from "./backup";

/** The folder is no backup that can be restored; the message says why. */
export class BackupUnusable extends Error {
  override readonly name = "BackupUnusable";
}

/** Paths of a backup's files inside its folder, with what they must be. */
export function backupFiles(manifest: BackupManifest): { path: string; bytes: number; sha256: string }[] {
  const inside = (folder: string) => (entry: { file: string; bytes: number; sha256: string }) => ({
    path: join(folder, entry.file),
    bytes: entry.bytes,
    sha256: entry.sha256,
  });
  return [
    ...Object.values(manifest.tables).map(inside("")),
    ...manifest.archive.map(inside("archive")),
    ...manifest.logs.map(inside("")),
  ];
}

/** Reads a backup's manifest and checks every file against it. @throws BackupUnusable */
export async function verifyBackup(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  if (manifest.schema_version > SCHEMA_VERSION)
    throw new BackupUnusable(
      `the backup has schema version ${manifest.schema_version}, this Poolwise knows up to ${SCHEMA_VERSION}; restore it with version ${manifest.poolwise_version} or newer`,
    );
  for (const { path, bytes, sha256 } of backupFiles(manifest)) {
    const file = join(folder, path);
    const size = (await stat(file).catch(() => null))?.size;
    if (size === undefined) throw new BackupUnusable(`${file} is missing; nothing was restored`);
    if (size !== bytes || (await hashFile(file)) !== sha256)
      throw new BackupUnusable(
        `${file} is damaged: it is not what the manifest says; nothing was restored. Use another backup`,
      );
  }
  return manifest;
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const file = join(folder, MANIFEST);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) throw new BackupUnusable(`${folder} is no backup: it has no ${MANIFEST}`);
  try {
    return backupManifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new BackupUnusable(`${file} is damaged; nothing was restored`, {
      cause: new Error(messageOf(error)),
    });
  }
}
