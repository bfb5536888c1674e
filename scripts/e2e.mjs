// Runs the browser tests: finds or installs a Chromium, builds what is stale, hands over to Playwright.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePages, ensureServerBundle } from "./build.mjs";
import { findChromium } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  const CHROMIUM_PATH = findChromium();
  await ensureServerBundle();
  await ensurePages();
  const args = ["node_modules/@playwright/test/cli.js", "test", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CHROMIUM_PATH },
  });
  process.exitCode = status ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
