import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleBroker } from "../spawn/broker-fixture";
import { createSpawner, type Spawner } from "../spawn/client";
import type { WorkOrder } from "../types";
import { createCommandWorker } from "./command";
import { loadRecipes } from "./recipes";

const standard = fileURLToPath(new URL("../../../settings/recipes.yaml", import.meta.url));
let bundle: Awaited<ReturnType<typeof bundleBroker>>;
let spawner: Spawner;
let scratch: string;

beforeAll(async () => {
  bundle = await bundleBroker();
  spawner = createSpawner({ brokerPath: bundle.brokerPath, logger: { warn: () => undefined } });
  scratch = mkdtempSync(join(tmpdir(), "poolwise-command-"));
});

afterAll(async () => {
  await spawner.close();
  bundle.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** A repository with the given files; `git` makes it one that git knows. */
function repository(files: Record<string, string>, { git }: { git: boolean }) {
  const path = mkdtempSync(join(scratch, "repo-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  if (git) execFileSync("git", ["init", "-q"], { cwd: path });
  return { name: "fixture", path };
}

/** A file of recipes with one recipe `it`, run as a node program. */
function recipeFile(fields: string, code: string): string {
  const file = join(scratch, `${randomUUID()}.yaml`);
  const argv = JSON.stringify([process.execPath, "-e", code, "--", "{prompt}", "{files}"]);
  writeFileSync(
    file,
    `recipes: { it: { description: d, read_only: true, ${fields} variants: [{ argv: ${argv} }] } }`,
  );
  return file;
}

async function run(
  changes: Partial<WorkOrder>,
  options: { file?: string; signal?: AbortSignal; env?: NodeJS.ProcessEnv } = {},
) {
  const recipes = loadRecipes(options.file ?? standard, { defaultTimeoutSeconds: 300 });
  const worker = createCommandWorker({ spawner, recipes, baseEnv: options.env ?? process.env });
  const chunks: Uint8Array[] = [];
  const order: WorkOrder = {
    taskId: randomUUID(),
    attemptId: randomUUID(),
    type: "it",
    prompt: "prompt",
    files: [],
    repo: { name: "fixture", path: scratch },
    recipe: null,
    tier: "small",
    provider: null,
    model: null,
    outputLimitBytes: 1024 * 1024,
    ...changes,
  };
  const signal = options.signal ?? new AbortController().signal;
  const result = await worker.run(order, { signal, onOutput: (chunk) => chunks.push(chunk) });
  return { ...result, output: Buffer.concat(chunks).toString() };
}

describe.each([
  { kind: "a git repository", git: true },
  { kind: "a plain folder", git: false },
])("the standard recipes in $kind", ({ git }) => {
  const files = {
    "a.txt": "one\n$(touch owned); `id` TODO\n-e three\n",
    "dir/b c.txt": "x\n",
    "-n": "dash\n",
  };

  test("line-count counts every text file", async () => {
    const result = await run({ repo: repository(files, { git }), recipe: "line-count" });
    expect(result).toMatchObject({
      success: true,
      errorType: null,
      exitCode: 0,
      summary: "line-count in fixture: ok",
    });
    const lines = result.output
      .trim()
      .split("\n")
      .map((line) => line.replace("./", ""));
    expect(lines.sort()).toEqual(["-n:1", "a.txt:3", "dir/b c.txt:1"]);
  });

  test("files narrow it down, and a file named like an option is a file", async () => {
    const result = await run({
      repo: repository(files, { git }),
      recipe: "line-count",
      files: ["-n", "dir/b c.txt"],
    });
    expect(result.output.replaceAll("./", "").trim().split("\n").sort()).toEqual(["-n:1", "dir/b c.txt:1"]);
  });

  test("search takes the prompt word for word, shell characters and dashes too", async () => {
    const repo = repository(files, { git });
    const dangerous = await run({ repo, recipe: "search", prompt: "$(touch owned); `id`" });
    expect(dangerous.output).toContain("a.txt:2:");
    expect((await run({ repo, recipe: "search", prompt: "-e three" })).output).toContain("a.txt:3:");
    expect((await run({ repo, type: "search", prompt: "nowhere" })).success).toBe(true);
    expect(existsSync(join(repo.path, "owned"))).toBe(false);
  });

  test("todo-scan takes a point per mark", async () => {
    const marked = await run({ repo: repository(files, { git }), recipe: "todo-scan" });
    expect(marked).toMatchObject({ success: true, qualityScore: 99 });
    const clean = await run({ repo: repository({ "a.txt": "x" }, { git }), recipe: "todo-scan" });
    expect(clean).toMatchObject({ success: true, qualityScore: 100, exitCode: 1 });
  });

  test("a recipe that does not apply says what was looked for", async () => {
    const result = await run({ repo: repository(files, { git }), recipe: "type-check" });
    expect(result).toMatchObject({ success: false, errorType: "validation", exitCode: null });
    expect(result.errorMessage).toContain(
      "recipe 'type-check' cannot run in 'fixture'. It looked for a script 'typecheck'",
    );
  });

  test("the unit script of package.json wins over test, and a failing one is a quality gate", async () => {
    const scripts = { unit: "echo from unit && exit 3", test: "echo from test" };
    const repo = repository({ "package.json": JSON.stringify({ scripts }) }, { git });
    const result = await run({ repo, type: "test", prompt: "" });
    expect(result).toMatchObject({ success: false, errorType: "quality_gate", exitCode: 3, qualityScore: 0 });
    expect(result.errorMessage).toContain("from unit");
    expect(result.summary).toBe("test in fixture: quality_gate");
  });
});

describe("how an end is recorded", () => {
  const forever = recipeFileLater("", "console.log('up'); setInterval(() => {}, 1000)");

  test.each([
    { reason: "timeout", errorType: "timeout", message: /^timed out after [\d.]+ s$/ },
    { reason: "cancelled", errorType: "cancelled", message: /^cancelled$/ },
    { reason: "shutdown", errorType: "crash", message: /^stopped by shutdown$/ },
  ])("$reason", async ({ reason, errorType, message }) => {
    const controller = new AbortController();
    const running = run({}, { file: forever(), signal: controller.signal });
    controller.abort(reason);
    const result = await running;
    expect(result).toMatchObject({ success: false, errorType, qualityScore: null });
    expect(result.errorMessage).toMatch(message);
  });

  test("a signal is a crash", async () => {
    const result = await run({}, { file: recipeFile("", "process.kill(process.pid, 'SIGKILL')") });
    expect(result).toMatchObject({ errorType: "crash", errorMessage: "ended by SIGKILL", exitCode: null });
  });

  test("another exit code is what the recipe says, with the last lines of output", async () => {
    const code =
      "console.log('\\x1b[31mfirst'); console.error('x'.repeat(3000)); console.error('at last'); process.exitCode = 4";
    const plain = await run({}, { file: recipeFile("", code) });
    expect(plain).toMatchObject({ success: false, errorType: "unknown", exitCode: 4 });
    expect(plain.errorMessage).toMatch(/^exit code 4: …x+\nat last$/);
    expect(plain.errorMessage?.length).toBe(1000);
    const gate = await run({}, { file: recipeFile("failure_type: quality_gate,", code) });
    expect(gate.errorType).toBe("quality_gate");
    expect((await run({}, { file: recipeFile("success_exit_codes: [0, 4],", code) })).success).toBe(true);
  });

  test("an unknown recipe and a file that is not there are validation errors", async () => {
    expect(await run({ recipe: "absent" })).toMatchObject({ errorType: "validation", success: false });
    const missing = await run({ recipe: "line-count", files: ["absent.txt"] });
    expect(missing).toMatchObject({
      errorType: "validation",
      errorMessage: "files.0: 'absent.txt' does not exist in the repository",
    });
  });

  test("a repository that is gone is an answer", async () => {
    const result = await run({ recipe: "disk-usage", repo: { name: "gone", path: join(scratch, "gone") } });
    expect(result).toMatchObject({ success: false, errorType: "crash" });
  });

  test("findings lower the grade, and a failure without any is not graded", async () => {
    const fields = "quality: { kind: findings, per_finding: 10, pattern: '^bad' },";
    const three = "for (const line of ['bad', 'good', 'bad', 'bad']) console.log(line)";
    expect((await run({}, { file: recipeFile(fields, three) })).qualityScore).toBe(70);
    expect((await run({}, { file: recipeFile(fields, "process.exit(1)") })).qualityScore).toBeNull();
  });
});

test("programs do not see the server's secrets, and see what their recipe passes on", async () => {
  const file = recipeFile(
    "env: { pass: [CARGO_HOME], set: { MINE: own } },",
    "console.log(JSON.stringify(process.env))",
  );
  const env = {
    NODE_ENV: "production",
    PATH: process.env.PATH,
    OPENAI_API_KEY: "sk-1",
    CARGO_HOME: "/cargo",
    OTHER: "x",
  } as const;
  const seen: unknown = JSON.parse((await run({}, { file, env })).output);
  expect(seen).toMatchObject({
    CARGO_HOME: "/cargo",
    MINE: "own",
    CI: "1",
    TERM: "dumb",
    GIT_OPTIONAL_LOCKS: "0",
  });
  for (const name of ["OPENAI_API_KEY", "OTHER", "NODE_ENV"]) expect(seen).not.toHaveProperty(name);
});

test("a link that leads out of the repository is refused at run time too", async () => {
  const repo = repository({ "a.txt": "x" }, { git: false });
  symlinkSync("/etc/passwd", join(repo.path, "link"));
  const result = await run({ repo, recipe: "line-count", files: ["link"] });
  expect(result.errorMessage).toBe("files.0: 'link' leads outside the repository");
});

test("running a read-only recipe leaves the repository as it was", async () => {
  const repo = repository({ "a.txt": "x" }, { git: true });
  execFileSync("git", ["add", "."], { cwd: repo.path });
  const before = readFileSync(join(repo.path, ".git/index"));
  await run({ repo, recipe: "line-count" });
  expect(readFileSync(join(repo.path, ".git/index")).equals(before)).toBe(true);
});

/** The scratch folder exists only once the tests run. */
function recipeFileLater(fields: string, code: string): () => string {
  return () => recipeFile(fields, code);
}
