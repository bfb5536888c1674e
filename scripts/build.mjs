// Builds what runs: the server and command line (dist/), the browser's database (public/duckdb/), the pages (.next/).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const SERVER_SOURCES = [
  "server",
  "lib/shape",
  "lib/errors.ts",
  "lib/format.ts",
  "sql",
  "scripts/build.mjs",
  "package-lock.json",
];
const PAGE_SOURCES = [
  "app",
  "lib",
  "sql/dashboard",
  "server/runtime.ts",
  "next.config.ts",
  "tsconfig.json",
  "package-lock.json",
  "scripts",
];

/** Bundles the server and command line if their sources changed; returns the URL of the program. */
export async function ensureServerBundle() {
  const program = join(dist, "poolwise.mjs");
  await whenStale("server", SERVER_SOURCES, [program, join(dist, "broker.mjs")], bundleServer);
  return pathToFileURL(program).href;
}

/** Builds the pages and the browser's database if their sources changed. */
export async function ensurePages() {
  const built = [join(root, ".next", "BUILD_ID"), join(root, "public", "duckdb", "duckdb-eh.wasm")];
  await whenStale("pages", PAGE_SOURCES, built, async () => {
    process.stderr.write("Building the pages; this takes about half a minute and happens once.\n");
    await ensureBrowserAssets();
    await run(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"]);
  });
}

export async function ensureBrowserAssets() {
  const { buildBrowserAssets } = await import("./browser-assets.mjs");
  await buildBrowserAssets(root);
}

async function bundleServer() {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: { poolwise: "server/cli/main.ts", broker: "server/pools/spawn/broker.ts" },
    outdir: dist,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // Its default export throws outside a React server bundle, which this is not.
    alias: { "@": root.replace(/\/$/, ""), "server-only": join(root, "node_modules/server-only/empty.js") },
    loader: { ".sql": "text" },
    logLevel: "warning",
  });
}

async function whenStale(name, sources, outputs, build) {
  const stampFile = join(dist, `${name}.stamp`);
  const stamp = stampOf(sources);
  const isCurrent = () =>
    existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === stamp &&
    outputs.every((output) => existsSync(output));
  if (isCurrent()) return;
  mkdirSync(dist, { recursive: true });
  await exclusively(join(dist, `${name}.lock`), async () => {
    // Another process may have built it while this one waited for its turn.
    if (isCurrent()) return;
    await build();
    writeFileSync(stampFile, stamp);
  });
}

const WAIT_MS = 250;

/** Two commands started at once build one after the other. A lock whose process is gone is taken over. */
async function exclusively(lock, action) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isGone(lock)) rmSync(lock, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  try {
    await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isGone(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return false;
  } catch {
    return true;
  }
}

/** Names, sizes and times of all sources: cheap enough to look at on every start. */
function stampOf(sources) {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) visit(join(root, source), hash);
  return hash.digest("hex");
}

function visit(path, hash) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (!stats.isDirectory()) {
    hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(path).sort()) visit(join(path, name), hash);
}

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      // Standard output belongs to the command that is running.
      stdio: ["ignore", 2, 2],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${args.join(" ")} ended with ${code}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureServerBundle();
  await ensurePages();
}
