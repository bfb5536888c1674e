// Runs bench/*.bench.ts, each in a process of its own, and prints what they measured beside the raw ceiling.
// node scripts/bench.mjs [name…] [--json] [--quick]
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { clearTimeout, setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { buildBrowserAssets } from "./browser-assets.mjs";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const sources = join(root, "bench");
/** A run that takes longer hangs. Building the pages for the first time is within it. */
const LIMIT_MS = 15 * 60_000;
const COLUMNS = ["what", "figure", "raw ceiling", "ratio"];

const known = namesOf(".bench.ts");
const { values: options, positionals } = readArguments();
const chosen = positionals.length === 0 ? known : positionals;

// A folder of its own for each run, so that two runs at the same time do not disturb each other's programs.
mkdirSync(join(root, "dist", "bench"), { recursive: true });
const bundles = mkdtempSync(join(root, "dist", "bench", "run-"));
process.on("exit", () => rmSync(bundles, { recursive: true, force: true }));
await bundle();
const results = [];
for (const name of chosen) results.push(await runBench(name));

const failed = results.filter((result) => result.problem !== null);
const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}, Node ${process.version}`;
if (options.json)
  print(JSON.stringify({ date: new Date().toISOString(), machine, quick: options.quick, results }, null, 2));
else printTable();
for (const { name, problem } of failed) process.stderr.write(`bench: ${name} failed: ${problem}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
    });
    const unknown = parsed.positionals.filter((name) => !known.includes(name));
    if (unknown.length === 0) return parsed;
    throw new Error(`there is no ${unknown.join(", ")}; choose from ${known.join(", ")}`);
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(2);
  }
}

function namesOf(ending) {
  const files = readdirSync(sources).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending)).sort();
}

/** The programs as the server is bundled, and what they open in a browser as its worker is. */
async function bundle() {
  const common = {
    absWorkingDir: root,
    outdir: bundles,
    bundle: true,
    loader: { ".sql": "text" },
    logLevel: "warning",
  };
  await build({
    ...common,
    entryPoints: chosen.map((name) => `bench/${name}.bench.ts`),
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // Its default export throws outside a React server bundle, which this is not.
    alias: { "@": root, "server-only": join(root, "node_modules/server-only/empty.js") },
  });
  const pages = namesOf(".page.ts").filter((name) => chosen.includes(name));
  if (pages.length === 0) return;
  await buildBrowserAssets(root);
  await build({
    ...common,
    entryPoints: pages.map((name) => `bench/${name}.page.ts`),
    platform: "browser",
    format: "iife",
    target: "es2022",
    minify: true,
    alias: { "@": root },
    define: { "process.env.NODE_ENV": '"production"' },
  });
}

/** Runs one in a process group and a temporary folder of its own, so that nothing of it stays behind. */
async function runBench(name) {
  process.stderr.write(`${name}\n`);
  const folder = mkdtempSync(join(tmpdir(), "poolwise-bench-"));
  const child = spawn(
    process.execPath,
    [join(bundles, `${name}.bench.mjs`), ...(options.quick ? ["--quick"] : [])],
    {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, UV_THREADPOOL_SIZE: "16", NODE_ENV: "production", TMPDIR: folder },
    },
  );
  const measurements = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("{")) measurements.push(JSON.parse(line));
    else process.stderr.write(`${line}\n`);
  });
  const kill = () => killGroup(child.pid);
  const interrupt = (signal) => {
    kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const outcome = await ended(child);
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return {
    name,
    problem: outcome ?? (measurements.length === 0 ? "it measured nothing" : null),
    measurements,
  };
}

/** What went wrong, or null. */
function ended(child) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child.pid);
      resolve(`not finished after ${LIMIT_MS / 60_000} minutes`);
    }, LIMIT_MS);
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? null : `it ended with ${code ?? signal}`);
    });
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Nothing of it runs any more.
    if (error.code !== "ESRCH") throw error;
  }
}

function printTable() {
  print(
    `Ratio: share of the raw ceiling's speed in the same run (1 is as fast). ${machine}.${options.quick ? " Quick run: the figures say little." : ""}`,
  );
  for (const { name, measurements } of results) {
    print(`\n${name}`);
    const rows = measurements.map((row) => [
      row.what,
      `${number(row.figure)} ${row.unit}`,
      `${number(row.raw)} ${row.unit}`,
      row.ratio.toFixed(row.ratio < 0.1 ? 3 : 2),
    ]);
    const widths = COLUMNS.map((title, index) =>
      Math.max(title.length, ...rows.map((row) => row[index].length)),
    );
    const line = (cells) =>
      `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join("  ")}`;
    print(line(COLUMNS));
    rows.forEach((row, index) => {
      const { note, rawWhat } = measurements[index];
      if (rawWhat !== measurements[index - 1]?.rawWhat) print(`  - raw ceiling: ${rawWhat}`);
      print(line(row));
      if (note) print(`      ${note}`);
    });
  }
}

function number(value) {
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
