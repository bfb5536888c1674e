import "server-only";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import next from "next";
import { createApi } from "./http/app";
import { contentSecurityPolicy } from "./http/content-security-policy";
import { isLoopback, judgeRequest } from "./http/guard";
import { problem } from "./http/problem";
import type { Logger } from "./log";
import { startTime } from "./database/lock";
import { setRuntime } from "./runtime";
import type { LoadedSettings } from "./settings/load";
import type { Paths } from "./settings/paths";
import { createRuntime, type OwnedRuntime } from "./tasks/create-runtime";

export type ServeOptions = {
  paths: Paths;
  loaded: LoadedSettings;
  logger: Logger;
  brokerPath: string;
  dev: boolean;
};

export type RunningServer = { url: string; close: () => Promise<void> };

/** Refused before anything is opened: without a login nobody beyond this machine may reach it. */
export class HostRefused extends Error {
  override readonly name = "HostRefused";
}

/** Starts the runtime, the API and the pages in this process. @throws HostRefused and what opening the data throws */
export async function serve({
  paths,
  loaded,
  logger,
  brokerPath,
  dev,
}: ServeOptions): Promise<RunningServer> {
  const { host, port } = loaded.settings.server;
  const { auth } = loaded.settings;
  if (!isLoopback(host) && !auth.enabled) {
    throw new HostRefused(
      `server.host is ${host}, which others can reach, and auth.enabled is false. ` +
        "Set auth.enabled and auth.tokens in settings/local.yaml, or keep to HOST=127.0.0.1.",
    );
  }
  const runtime = await createRuntime({ paths, loaded, logger, brokerPath });
  const server = createServer();
  try {
    setRuntime(runtime);
    const pages = next({ dev, dir: paths.root, hostname: host, port, httpServer: server });
    await pages.prepare();
    const api = getRequestListener(
      createApi(runtime, {
        logger,
        maxBodyBytes: loaded.settings.server.max_body_mb * 1024 * 1024,
        authEnabled: auth.enabled,
      }).fetch,
    );
    const page = pages.getRequestHandler();
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const path = pathOf(request);
      if (refuse(request, response, path, runtime, { auth, host })) return;
      if (path?.startsWith("/api/")) void api(request, response);
      else void page(withSecurityPolicy(request, response, dev), response);
    });
    const address = await listen(server, host, port);
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
    announce(paths, url);
    return { url, close: () => close(server, runtime, paths, pages) };
  } catch (error) {
    server.close();
    await runtime.close();
    throw error;
  }
}

const TITLES = { 400: "Bad request", 401: "Not signed in", 403: "Forbidden" };

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  path: string | null,
  runtime: OwnedRuntime,
  policy: Parameters<typeof judgeRequest>[1],
): boolean {
  // A page that is open keeps its connection; while shutting down each answer is the last on its connection.
  if (runtime.draining) response.setHeader("connection", "close");
  const refusal =
    path === null
      ? { status: 400 as const, detail: "The request's path is not a valid one" }
      : judgeRequest({ method: request.method ?? "GET", path, headers: request.headers }, policy);
  if (!refusal) return false;
  response.writeHead(refusal.status, {
    "content-type": "application/problem+json",
    ...(refusal.status === 401 && { "www-authenticate": 'Basic realm="Poolwise", Bearer' }),
  });
  response.end(JSON.stringify(problem(refusal.status, TITLES[refusal.status], refusal.detail)));
  return true;
}

/** The path as the API's router sees it, so that what is judged is what is run; null for none that makes sense. */
function pathOf(request: IncomingMessage): string | null {
  try {
    return decodeURI(new URL(request.url ?? "/", "http://local").pathname);
  } catch {
    return null;
  }
}

/** Next reads the nonce for its own scripts from the request's policy header. */
function withSecurityPolicy(
  request: IncomingMessage,
  response: ServerResponse,
  dev: boolean,
): IncomingMessage {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce, dev);
  request.headers["content-security-policy"] = policy;
  request.headers["x-nonce"] = nonce;
  response.setHeader("content-security-policy", policy);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "same-origin");
  return request;
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

/** How the command line finds this server. Only the user who runs it may read it. */
function announce(paths: Paths, url: string): void {
  const started = startTime(process.pid);
  writeFileSync(paths.runtimeFile, JSON.stringify({ pid: process.pid, url, started }), { mode: 0o600 });
}

async function close(
  server: Server,
  runtime: OwnedRuntime,
  paths: Paths,
  pages: ReturnType<typeof next>,
): Promise<void> {
  // Requests are still answered while running tasks finish, so that people can see them do.
  await runtime.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await pages.close();
  forget(paths);
}

/** Only our own announcement: the next server may have started while this one was finishing. */
function forget({ runtimeFile }: Paths): void {
  try {
    const { pid } = JSON.parse(readFileSync(runtimeFile, "utf8")) as { pid?: number };
    if (pid === process.pid) rmSync(runtimeFile, { force: true });
  } catch {
    // Gone already.
  }
}
