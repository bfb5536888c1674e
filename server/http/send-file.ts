import "server-only";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Context } from "hono";
import { notFound } from "@/lib/errors";

const RANGE = /^bytes=(\d*)-(\d*)$/;

/** Sends an immutable file with ETag, conditional requests and single ranges. @throws PoolwiseError 404 */
export async function sendImmutableFile(context: Context, file: string, etag: string, headers: Record<string, string>): Promise<Response> {
  const size = (await stat(file).catch(() => null))?.size;
  if (size === undefined) throw notFound("this snapshot part");
  const common = { ...headers, etag, "accept-ranges": "bytes" };
  if (matches(context.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers: common });
  const wanted = context.req.header("range");
  const ifRange = context.req.header("if-range");
  if (wanted === undefined || (ifRange !== undefined && ifRange !== etag)) return body(context, file, 0, size, 200, common, size);
  const range = parseRange(wanted, size);
  if (range === "unsatisfiable") return new Response(null, { status: 416, headers: { ...common, "content-range": `bytes */${size}` } });
  if (range === null) return body(context, file, 0, size, 200, common, size);
  return body(context, file, range.start, range.end, 206, { ...common, "content-range": `bytes ${range.start}-${range.end - 1}/${size}` }, size);
}

function body(context: Context, file: string, start: number, end: number, status: 200 | 206, headers: Record<string, string>, size: number): Response {
  const sized = { ...headers, "content-length": String(end - start) };
  if (context.req.method === "HEAD" || size === 0) return new Response(null, { status, headers: sized });
  return new Response(toWebStream(createReadStream(file, { start, end: end - 1 })), { status, headers: sized });
}

/** Node's and the DOM's stream types describe the same object and differ only in optional members. */
export function toWebStream(stream: Readable): ReadableStream {
  return Readable.toWeb(stream) as ReadableStream;
}

function matches(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*") ?? false;
}

/** Start inclusive, end exclusive; null for a form that may be ignored. */
function parseRange(header: string, size: number): { start: number; end: number } | "unsatisfiable" | null {
  const match = RANGE.exec(header.trim());
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [first, last] = [match[1] ?? "", match[2] ?? ""];
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (start >= size) return "unsatisfiable";
  return end <= start ? null : { start, end };
}
