// Takes the README's screenshots from a server that really ran the tasks they show: node scripts/screenshots.mjs
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { findChromium } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "docs", "screenshots");
const data = mkdtempSync(join(tmpdir(), "poolwise-screens-"));

const TASKS = [
  ...Array.from({ length: 6 }, () => ({ recipe: "line-count" })),
  ...["least_loaded", "propensity", "interrupted", "DuckDB"].map((prompt) => ({ recipe: "search", prompt })),
  ...Array.from({ length: 3 }, () => ({ recipe: "todo-scan" })),
  { recipe: "recent-changes" },
  { recipe: "disk-usage", files: ["server", "app", "lib"], type: "architecture" },
  { recipe: "line-count", type: "multi_file_changes", files: ["package.json", "README.md"] },
  { recipe: "search", prompt: "security", type: "security_analysis", pool: "night" },
  { recipe: "disk-usage", type: "debugging", pool: "night", tier: "large" },
  { recipe: "audit", pool: "night" },
  { recipe: "type-check", timeout_seconds: 1, pool: "night" },
  { recipe: "lint", timeout_seconds: 2, type: "complex_refactor" },
  { recipe: "format-check", files: ["README.md"] },
];

const server = spawn(process.execPath, [join(root, "bin", "poolwise.cjs"), "start", "--json"], {
  env: { ...process.env, POOLWISE_DATA_DIR: data, PORT: "0", LOG_LEVEL: "error" },
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const [line] = await once(server.stdout, "data");
  const { url } = JSON.parse(line.toString());
  const ask = async (path, body) =>
    (await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) })).json();
  await ask("/api/pools", { name: "night", max_workers: 2 });
  const ids = [];
  for (const task of TASKS) ids.push((await ask("/api/tasks", task)).task_id);
  await waitUntilIdle(url);
  await ask("/api/snapshots", {});
  await shoot(url, "dashboard", "/?range=1h", "light");
  await shoot(url, "dashboard-dark", "/?range=1h", "dark");
  await shoot(url, "task", `/tasks/${ids[6]}`, "light");
  await shoot(url, "new-task", "/tasks/new?recipe=search&prompt=least_loaded", "light");
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await once(server, "exit");
  rmSync(data, { recursive: true, force: true });
}

async function waitUntilIdle(url) {
  for (;;) {
    const { tasks } = await (await fetch(`${url}/api/tasks?limit=500`)).json();
    if (tasks.every((task) => task.finished_at !== null)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function shoot(url, name, path, colorScheme) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(`${url}${path}`);
  if (path.startsWith("/?"))
    await page.locator('[data-testid="kpi-executions"]:not([data-value="0"])').waitFor();
  await page.waitForTimeout(2_500);
  await page.screenshot({ path: join(target, `${name}.png`), fullPage: name !== "dashboard-dark" });
  await context.close();
}
