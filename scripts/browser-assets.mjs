import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";
import { build } from "esbuild";

/** From node_modules to public/duckdb. The database and the decoder are served from this origin, never from a CDN. */
const COPIES = [
  ["@duckdb/duckdb-wasm/dist/duckdb-eh.wasm", "duckdb-eh.wasm"],
  ["@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js", "duckdb-browser-eh.worker.js"],
  ["parquet-wasm/esm/parquet_wasm_bg.wasm", "parquet_wasm_bg.wasm"],
];

/**
 * Puts what the dashboard's database needs into `public/duckdb`.
 * Files that are already current are left alone, so that a browser's copy stays valid.
 * @param {string} root the project's folder
 * @returns {Promise<string[]>} the names of the files that were written
 */
export async function buildBrowserAssets(root) {
  const target = join(root, "public", "duckdb");
  mkdirSync(target, { recursive: true });
  const written = [];
  for (const [source, name] of COPIES) {
    const bytes = readFileSync(join(root, "node_modules", source));
    if (writeIfChanged(join(target, name), withoutSourceMap(name, bytes))) written.push(name);
  }
  const worker = await bundleDecodeWorker(root);
  if (writeIfChanged(join(target, "decode.worker.js"), worker)) written.push("decode.worker.js");
  return written;
}

async function bundleDecodeWorker(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["lib/wasm/decode.worker.ts"],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
    alias: { "@": root },
    // The decoder is told where its module is; the default would look beside a file that no longer exists.
    define: { "import.meta.url": "self.location.href" },
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild produced no output for lib/wasm/decode.worker.ts");
  return Buffer.from(output.contents);
}

/** Developer tools ask for the map that a script names, and it is not shipped. */
function withoutSourceMap(name, bytes) {
  if (!name.endsWith(".js")) return bytes;
  return Buffer.from(bytes.toString("utf8").replace(/^\/\/# sourceMappingURL=.*$/gm, ""));
}

function writeIfChanged(path, bytes) {
  if (digestOf(path) === digest(bytes)) return false;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  return true;
}

function digestOf(path) {
  try {
    return digest(readFileSync(path));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
  const written = await buildBrowserAssets(root);
  process.stdout.write(written.length === 0 ? "public/duckdb is current\n" : `wrote ${written.join(", ")}\n`);
}
