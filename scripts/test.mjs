// Every check of the project, in the order in which they are cheapest to fail: types, lint, unused code, build,
// unit and integration tests, browser tests. Stops at the first that fails.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const results = mkdtempSync(join(tmpdir(), "poolwise-results-"));
const unit = join(results, "unit.json");
const browser = join(results, "browser.json");

const STEPS = [
  ["npm", ["run", "--silent", "check"]],
  ["npm", ["run", "--silent", "build"]],
  ["npm", ["run", "--silent", "unit", "--", "--reporter=default", "--reporter=json", `--outputFile=${unit}`]],
  ["npm", ["run", "--silent", "e2e"]],
];

let failed = false;
for (const [program, args] of STEPS) {
  process.stdout.write(`\n> ${program} ${args.join(" ")}\n`);
  const started = Date.now();
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: browser },
  });
  process.stdout.write(`> ended with ${status} after ${Math.round((Date.now() - started) / 1000)} s\n`);
  failed = status !== 0;
  if (failed) break;
}
process.stdout.write(`\n${closingLine()}\n`);
rmSync(results, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function closingLine() {
  const tests = read(unit, (report) => [
    report.numPassedTests,
    report.numFailedTests,
    report.numPendingTests,
  ]);
  const pages = read(browser, ({ stats }) => [stats.expected + stats.flaky, stats.unexpected, stats.skipped]);
  const [passed, broken, skipped] = tests.map((count, i) => count + pages[i]);
  return `${passed} passed, ${broken} failed, ${skipped} skipped`;
}

function read(file, counts) {
  try {
    return counts(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [0, 0, 0];
  }
}
