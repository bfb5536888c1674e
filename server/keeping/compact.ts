import "server-only";
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { openDatabase } from "../database/open";
import { publishFile } from "../snapshots/durable-file";
import { preparedFolder, prepareBackup } from "./backup";
import { buildDatabase } from "./restore";

export type CompactTarget = {
  file: string;
  archive: string;
  stagingFolder: string;
  poolwiseVersion: string;
};

/**
 * Writes the database file anew without the space of deleted rows and puts it in the old one's place.
 * The old file is held until then, so nothing else can write to it; a failure leaves it as it was.
 * @throws DataDirectoryInUse when a server runs
 */
export async function compactDatabase({
  file,
  archive,
  stagingFolder,
  poolwiseVersion,
}: CompactTarget): Promise<{ bytes_before: number; bytes_after: number }> {
  const database = await openDatabase({ file, allowedDirectories: [stagingFolder] });
  const building = `${file}.compacting`;
  try {
    await database.export("CHECKPOINT");
    const bytesBefore = database.sizeBytes();
    const { id, manifest } = await prepareBackup({
      database,
      stagingFolder,
      archiveFolder: archive,
      logFolder: null,
      poolwiseVersion,
    });
    const folder = preparedFolder(stagingFolder, id);
    try {
      await buildDatabase(building, folder, manifest);
      await publishFile(building, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { bytes_before: bytesBefore, bytes_after: statSync(file).size };
  } finally {
    await rm(building, { force: true });
    await database.close();
  }
}
