import { manifestSchema, type Manifest } from "@/lib/shape/manifest";
import { SnapshotError } from "./errors";

const MANIFEST_URL = "/api/snapshots/manifest.json";
const START_SERVER = "Check that the Poolwise server is running ('npm start'), then try again.";

export function partUrl(file: string): string {
  return `/api/snapshots/${file}`;
}

/** The newest manifest. Rejects with SnapshotError: `network` when there is no answer, `format` when it is not one. */
export async function fetchManifest(signal?: AbortSignal): Promise<Manifest> {
  const response = await request(signal);
  if (!response.ok) {
    throw new SnapshotError(
      "network",
      `The server answered ${response.status} instead of a snapshot`,
      START_SERVER,
    );
  }
  const body: unknown = await response.json().catch(() => null);
  const parsed = manifestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new SnapshotError(
    "format",
    "The snapshot's manifest is not in a form this page can read",
    "Reload the page: the server may have been updated. If it stays, publish one with 'poolwise snapshot --full'.",
    { cause: parsed.error },
  );
}

async function request(signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(MANIFEST_URL, { cache: "no-store", ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new SnapshotError("network", "The server does not answer", START_SERVER, { cause: error });
  }
}
