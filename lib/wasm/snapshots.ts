import { DASHBOARD_COLUMNS } from "./columns";
import { createDecoder } from "./decoder";
import { fetchManifest } from "./fetch-manifest";
import { SnapshotStore } from "./snapshot-store";

/** The page's one database. The engine is fetched when it is first needed, and never on the server. */
export const snapshots = new SnapshotStore(DASHBOARD_COLUMNS, {
  openEngine: async () => (await import("./engine")).openEngine(),
  fetchManifest: () => fetchManifest(),
  decode: createDecoder("/duckdb/decode.worker.js"),
});
