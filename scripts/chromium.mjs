import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const USUAL_PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium; installs one if there is none. Throws one line that says what to install. */
export function findChromium() {
  const found = present();
  if (found) return found;
  install();
  const installed = present();
  if (installed) return installed;
  throw new Error(
    "No Chromium was found or could be installed: install Debian's 'chromium' package, or set CHROMIUM_PATH.",
  );
}

function present() {
  const named = process.env.CHROMIUM_PATH;
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}, and there is no such file.`);
  return [named, ...USUAL_PLACES, chromium.executablePath()].find((path) => path && existsSync(path));
}

function install() {
  process.stderr.write("No Chromium found; installing one for the browser tests.\n");
  const run = (program, args) => spawnSync(program, args, { stdio: ["ignore", 2, 2] }).status === 0;
  if (
    process.getuid?.() === 0 &&
    run("apt-get", ["update"]) &&
    run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"])
  )
    return;
  run(process.execPath, ["node_modules/@playwright/test/cli.js", "install", "chromium"]);
}
