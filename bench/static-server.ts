import { createReadStream, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export type StaticServer = { url: string; close: () => Promise<void> };

/** Serves one HTML text at `/`, and folders under the given paths (`/duckdb/` -> folder), on a free loopback port. */
export async function serveStatic(html: string, folders: Record<string, string>): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    if (path === "/") {
      response.writeHead(200, { "content-type": TYPES[".html"] }).end(html);
      return;
    }
    const mount = Object.keys(folders).find((prefix) => path.startsWith(prefix));
    sendFile(response, mount === undefined ? null : join(folders[mount] ?? "", path.slice(mount.length)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendFile(response: ServerResponse, file: string | null): void {
  const stats = file === null ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === null || stats?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "content-length": stats.size,
  });
  createReadStream(file).pipe(response);
}
