import "server-only";
import type { Hono } from "hono";
import type { ImportService } from "../tasks/import-service";
import { readJson } from "./body";

/** `POST /api/imports/rows` takes up to 1,000 finished executions from elsewhere. */
export function importRoutes(api: Hono, { imports }: { imports: ImportService }): void {
  api.post("/imports/rows", async (context) => context.json(await imports.rows(await readJson(context))));
}
