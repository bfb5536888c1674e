import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Spawner, SpawnOptions } from "./client";
import type { SpawnRequest } from "./protocol";

/** For tests: the broker bundled the way the build does it, in a temporary folder. */
export async function bundleBroker(): Promise<{ brokerPath: string; folder: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "poolwise-broker-"));
  const brokerPath = join(folder, "broker.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./broker.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile: brokerPath,
  });
  return { brokerPath, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const WAIT_MS = 10_000;

/** For tests: waits until `condition` holds, failing with `what` when it has not within ten seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** For tests: false for a zombie, which only waits to be counted. */
export function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  try {
    return !/\) [ZX] /.test(readFileSync(path, "latin1"));
  } catch {
    return false; // it ended between the two looks
  }
}

export const node = (code: string) => [process.execPath, "-e", code];
export const shell = (script: string, ...args: string[]) => ["/bin/sh", "-c", script, "sh", ...args];

/** For tests: a request to run `argv` in `cwd`. */
export function requestIn(cwd: string, argv: string[], changes: Partial<SpawnRequest> = {}): SpawnRequest {
  const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" };
  return { argv, cwd, env, outputLimitBytes: 64 * 1024, tag: randomUUID(), ...changes };
}

/** For tests: runs a request and returns its result with all of its output. */
export async function runOn(spawner: Spawner, request: SpawnRequest, options: Partial<SpawnOptions> = {}) {
  const chunks: Uint8Array[] = [];
  const onOutput = (chunk: Uint8Array) => void chunks.push(chunk);
  const result = await spawner.run(request, { signal: new AbortController().signal, onOutput, ...options });
  return { ...result, output: Buffer.concat(chunks).toString() };
}

/**
 * For tests: a shell with two children, one in a session of its own and one that ignores SIGTERM. It writes the
 * three process ids to a file in `folder` and then does `then`.
 */
export function familyIn(folder: string, then = "wait") {
  const file = join(folder, randomUUID());
  const script = `setsid sleep 300 & a=$!; (trap '' TERM; exec sleep 301) & echo "$$ $a $!" >"$1.new"; mv "$1.new" "$1"; ${then}`;
  const pids = () => (existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").map(Number) : []);
  const born = () => until("children were started", () => pids().length === 3);
  return { argv: shell(script, file), pids, born };
}
