import "server-only";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { invalid, notFound, PoolwiseError } from "@/lib/errors";
import { PART_NAME } from "@/lib/shape/manifest";
import {
  REPORT_FORMATS,
  REPORTS,
  reportQuerySchema,
  type ReportFormat,
  type ReportName,
} from "@/lib/shape/report";
import { taskListQuerySchema } from "@/lib/shape/task";
import type { Logger } from "../log";
import { PREVIOUS } from "../snapshots/publisher";
import type { OwnedRuntime } from "../tasks/create-runtime";
import { fieldErrors } from "../tasks/plan";
import { readJson, readOptionalJson } from "./body";
import { importRoutes } from "./import-routes";
import { keepRoutes } from "./keep-routes";
import { answerError, problem, sendProblem } from "./problem";
import { sendImmutableFile, toWebStream } from "./send-file";
import { streamEvents, streamLogs } from "./streams";

export type ApiOptions = { logger: Logger; maxBodyBytes: number; authEnabled: boolean };

const MEDIA_TYPES: Record<ReportFormat, string> = {
  parquet: "application/vnd.apache.parquet",
  csv: "text/csv; charset=utf-8",
  json: "application/json",
};

/** Everything under `/api`. The command line calls the same app in process when no server runs. */
export function createApi(runtime: OwnedRuntime, options: ApiOptions): Hono {
  const api = new Hono().basePath("/api");
  api.onError((error, context) => answerError(error, context, options.logger));
  api.notFound((context) =>
    sendProblem(problem(404, "Not found", `${context.req.method} ${context.req.path} does not exist`)),
  );
  api.use(
    bodyLimit({
      maxSize: options.maxBodyBytes,
      onError: () =>
        sendProblem(
          problem(
            413,
            "Content too large",
            `The request's body is larger than ${options.maxBodyBytes} bytes`,
          ),
        ),
    }),
  );
  taskRoutes(api, runtime);
  poolRoutes(api, runtime);
  snapshotRoutes(api, runtime, options);
  keepRoutes(api, runtime.keeping, options);
  healthRoutes(api, runtime);
  importRoutes(api, runtime);
  api.get("/reports/:file", (context) => sendReport(context, runtime));
  api.get("/events", (context) => streamEvents(context, runtime));
  return api;
}

function taskRoutes(api: Hono, runtime: OwnedRuntime): void {
  const { tasks } = runtime;
  api.post("/tasks", async (context) => {
    const { task_id, decision } = await tasks.submit(await readJson(context));
    return context.json({ task_id, decision }, 202);
  });
  api.get("/tasks", async (context) => {
    const query = taskListQuerySchema.safeParse(context.req.query());
    if (!query.success) throw invalid(fieldErrors(query.error));
    return context.json(await tasks.list(query.data));
  });
  api.get("/tasks/:id", async (context) => context.json(await tasks.get(context.req.param("id"))));
  api.delete("/tasks/:id", async (context) => context.json(await tasks.cancel(context.req.param("id"))));
  api.post("/tasks/:id/replay", async (context) => {
    const { task_id, decision } = await tasks.replay(
      context.req.param("id"),
      await readOptionalJson(context),
    );
    return context.json({ task_id, decision }, 202);
  });
  api.post("/tasks/:id/feedback", async (context) =>
    context.json(await tasks.rate(context.req.param("id"), await readJson(context)), 201),
  );
  api.get("/tasks/:id/logs", (context) => streamLogs(context, runtime, context.req.param("id")));
  api.post("/route/explain", async (context) => context.json(await tasks.explain(await readJson(context))));
}

function poolRoutes(api: Hono, { pools }: OwnedRuntime): void {
  api.get("/pools", (context) => context.json(pools.list()));
  api.post("/pools", async (context) => context.json(await pools.spawn(await readJson(context)), 201));
  api.patch("/pools/:id", async (context) =>
    context.json(await pools.change(context.req.param("id"), await readJson(context))),
  );
  api.delete("/pools/:id", async (context) => context.json(await pools.close(context.req.param("id"))));
}

function snapshotRoutes(
  api: Hono,
  { snapshots, snapshotFolder }: OwnedRuntime,
  { authEnabled }: ApiOptions,
): void {
  const caching = `${authEnabled ? "private" : "public"}, max-age=31536000, immutable`;
  api.get("/snapshots/manifest.json", async (context) =>
    context.json(await snapshots.manifest(), 200, { "cache-control": "no-store" }),
  );
  api.post("/snapshots", async (context) => {
    const full = context.req.query("full") !== undefined;
    return context.json(await snapshots.publish({ full }));
  });
  api.get("/snapshots/:part", async (context) => {
    const part = context.req.param("part");
    if (!PART_NAME.test(part)) throw notFound("this snapshot part");
    const headers = { "content-type": MEDIA_TYPES.parquet, "cache-control": caching };
    const places = [join(snapshotFolder, part), join(snapshotFolder, PREVIOUS, part)];
    return sendImmutableFile(context, places, `"${part}"`, headers);
  });
}

function healthRoutes(api: Hono, runtime: OwnedRuntime): void {
  const noStore = { "cache-control": "no-store" };
  api.get("/health", async (context) => context.json(await runtime.health(), 200, noStore));
  api.get("/monitoring", async (context) => context.json(await runtime.monitoring(), 200, noStore));
  api.get("/health/live", (context) => context.json({ status: "OK" }, 200, noStore));
  api.get("/health/ready", async (context) => {
    if (runtime.draining) throw new PoolwiseError(503, "The server is shutting down.");
    const health = await runtime.health();
    // A database that answers and takes what is written; a low success rate is no reason to send nobody here.
    const answers = health.database.schema_version > 0 && runtime.accepting();
    return context.json(
      { status: answers ? "OK" : "CRITICAL", errors: answers ? [] : health.errors },
      answers ? 200 : 503,
      noStore,
    );
  });
}

async function sendReport(context: Context, runtime: OwnedRuntime): Promise<Response> {
  const [name = "", format = ""] = (context.req.param("file") ?? "").split(".");
  if (!isOneOf(REPORTS, name)) throw notFound(`report ${name}; reports: ${REPORTS.join(", ")}:`);
  if (!isOneOf(REPORT_FORMATS, format))
    throw notFound(`report format ${format}; formats: ${REPORT_FORMATS.join(", ")}:`);
  const query = reportQuerySchema.safeParse(context.req.query());
  if (!query.success) throw invalid(fieldErrors(query.error));
  const file = await runtime.report(name satisfies ReportName, format satisfies ReportFormat, query.data);
  const handle = await open(file);
  const { size } = await handle.stat();
  // The open handle keeps the bytes; without a name nothing is left behind when the reader goes away.
  await rm(file);
  return new Response(toWebStream(handle.createReadStream()), {
    headers: {
      "content-type": MEDIA_TYPES[format],
      "content-length": String(size),
      "content-disposition": `attachment; filename="poolwise-${name}-${new Date().toISOString().slice(0, 10)}.${format}"`,
      "cache-control": "no-store",
    },
  });
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value);
}
