import "server-only";
import type { Context } from "hono";
import { PoolwiseError } from "@/lib/errors";

/** The request's JSON body. @throws PoolwiseError 400 when it is not JSON */
export async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new PoolwiseError(
      400,
      "The request's body is not valid JSON.",
      [{ path: "", message: "expected JSON" }],
      { cause: error },
    );
  }
}

/** Like `readJson`, for requests whose body may be left out. */
export async function readOptionalJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  return text.trim() === "" ? {} : readJson(context);
}
