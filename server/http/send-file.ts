import "server-only";
import { open, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Context } from "hono";
import { notFound } from "@/lib/errors";

const RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * Sends an immutable file with ETag, conditional requests and single ranges. It is looked for in each of the places,
 * since it may be moved from one to the next at any time. @throws PoolwiseError 404
 */
export async function sendImmutableFile(
  context: Context,
  places: string[],
  etag: string,
  headers: Record<string, string>,
): Promise<Response> {
  const handle = await openFirst(places);
  if (!handle) throw notFound("this snapshot part");
  const { size } = await handle.stat();
  const answer = answerFor(context, size, etag);
  const all = { ...headers, etag, "accept-ranges": "bytes", ...answer.headers };
  if (answer.range && context.req.method !== "HEAD" && size > 0) {
    const { start, end } = answer.range;
    return new Response(toWebStream(handle.createReadStream({ start, end: end - 1 })), {
      status: answer.status,
      headers: all,
    });
  }
  await handle.close();
  return new Response(null, { status: answer.status, headers: all });
}

type Span = { start: number; end: number };
type Answer = { status: 200 | 206 | 304 | 416; headers: Record<string, string>; range: Span | null };

function answerFor(context: Context, size: number, etag: string): Answer {
  if (matches(context.req.header("if-none-match"), etag)) return { status: 304, headers: {}, range: null };
  const ifRange = context.req.header("if-range");
  const wanted =
    ifRange === undefined || ifRange === etag ? parseRange(context.req.header("range"), size) : null;
  if (wanted === "unsatisfiable")
    return { status: 416, headers: { "content-range": `bytes */${size}` }, range: null };
  const range = wanted ?? { start: 0, end: size };
  const length = { "content-length": String(range.end - range.start) };
  if (!wanted) return { status: 200, headers: length, range };
  return {
    status: 206,
    headers: { ...length, "content-range": `bytes ${range.start}-${range.end - 1}/${size}` },
    range,
  };
}

async function openFirst(places: string[]): Promise<FileHandle | null> {
  for (const file of places) {
    const handle = await open(file).catch(() => null);
    if (handle) return handle;
  }
  return null;
}

/** Node's and the DOM's stream types describe the same object and differ only in optional members. */
export function toWebStream(stream: Readable): ReadableStream {
  return Readable.toWeb(stream) as ReadableStream;
}

function matches(header: string | undefined, etag: string): boolean {
  return (
    header?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*") ?? false
  );
}

/** Start inclusive, end exclusive; null for a form that may be ignored. */
function parseRange(header: string | undefined, size: number): Span | "unsatisfiable" | null {
  const [, first = "", last = ""] = RANGE.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return null;
  const span =
    first === "" ? lastBytes(Number(last), size) : { start: Number(first), end: endOf(last, size) };
  if (span.start >= size) return "unsatisfiable";
  return span.end <= span.start ? null : span;
}

function lastBytes(length: number, size: number): Span {
  return { start: size - Math.min(length, size), end: size };
}

function endOf(last: string, size: number): number {
  return last === "" ? size : Math.min(Number(last) + 1, size);
}
