import "server-only";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

/** SHA-256 of a file as hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Moves a finished file to its final name so that a reader sees all of it or nothing, even after a power cut. */
export async function publishFile(temporary: string, final: string): Promise<void> {
  const handle = await open(temporary, "r");
  await handle.sync().finally(() => handle.close());
  await rename(temporary, final);
  await syncFolder(dirname(final));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
