import "server-only";
import type { Context, Hono } from "hono";
import type { Keeping } from "../keeping/keeping";
import { sendImmutableFile } from "./send-file";

const PARQUET = "application/vnd.apache.parquet";

/** Retention, its archive and backups. All of it needs the role admin: the files have prompts and comments. */
export function keepRoutes(api: Hono, keeping: Keeping, { authEnabled }: { authEnabled: boolean }): void {
  const caching = `${authEnabled ? "private" : "public"}, max-age=31536000, immutable`;
  api.post("/retention", async (context) =>
    context.json(await keeping.retention({ dryRun: isSet(context, "dry_run") })),
  );
  api.get("/archives", async (context) =>
    context.json(await keeping.archives(), 200, { "cache-control": "no-store" }),
  );
  api.get("/archives/:file", (context) => {
    const file = context.req.param("file");
    const headers = {
      "content-type": PARQUET,
      "cache-control": caching,
      "content-disposition": `attachment; filename="${file}"`,
    };
    return sendImmutableFile(context, [keeping.archiveFile(file)], `"${file}"`, headers);
  });
  api.post("/backups", async (context) =>
    context.json(await keeping.backup({ withLogs: isSet(context, "with_logs") }), 201),
  );
  api.get("/backups", async (context) =>
    context.json({ last_backup_at: await keeping.lastBackup() }, 200, { "cache-control": "no-store" }),
  );
  api.get("/backups/:id/:file{.+}", (context) => {
    const { id, file } = context.req.param();
    const path = keeping.backupFile(id, file);
    const headers = { "content-type": "application/octet-stream", "cache-control": "no-store" };
    return sendImmutableFile(context, [path], `"${id}/${file}"`, headers);
  });
  api.delete("/backups/:id", async (context) => {
    await keeping.removeBackup(context.req.param("id"), { done: isSet(context, "done") });
    return context.body(null, 204);
  });
}

/** `?dry_run` and `?dry_run=true` are yes, `?dry_run=false` is no. */
function isSet(context: Context, name: string): boolean {
  const value = context.req.query(name);
  return value !== undefined && value !== "false";
}
