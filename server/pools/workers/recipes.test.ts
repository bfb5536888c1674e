import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemOf } from "@/lib/errors";
import { resolveFilesInside } from "./files-inside";
import { planRecipe } from "./recipe-plan";
import { RecipeFileError, loadRecipes } from "./recipes";

const standard = fileURLToPath(new URL("../../../settings/recipes.yaml", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "poolwise-recipes-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string) {
  const file = join(folder, "recipes.yaml");
  writeFileSync(file, yaml);
  return loadRecipes(file, { defaultTimeoutSeconds: 123 });
}

function problemsOf(yaml: string): string[] {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof RecipeFileError) return error.problems.map((text) => text.replace(`${folder}/`, ""));
    throw error;
  }
  return [];
}

const minimal = (more: string) =>
  `recipes: { it: { description: d, read_only: true, variants: [{ argv: [ls] }], ${more} } }`;

describe("the committed recipes", () => {
  test("are valid, described, and only search needs a prompt", () => {
    const infos = loadRecipes(standard, { defaultTimeoutSeconds: 300 }).list();
    const names = [
      "lint",
      "format-check",
      "type-check",
      "test",
      "audit",
      "line-count",
      "todo-scan",
      "search",
    ];
    expect(infos.map((info) => info.name)).toEqual(expect.arrayContaining(names));
    expect(infos.filter((info) => info.needs_prompt).map((info) => info.name)).toEqual(["search"]);
  });

  test("no task type belongs to two recipes", () => {
    const types = loadRecipes(standard, { defaultTimeoutSeconds: 300 })
      .list()
      .flatMap((info) => info.task_types);
    expect(new Set(types).size).toBe(types.length);
  });
});

describe("a file of recipes", () => {
  test("gets defaults, and its env for every recipe", () => {
    const book = load(`env: { pass: [GOPATH], set: { A: x, B: x } }\n${minimal("env: { set: { B: y } }")}`);
    expect(book.get("it")).toMatchObject({
      timeout_seconds: 123,
      success_exit_codes: [0],
      failure_type: "unknown",
      env: { pass: ["GOPATH"], set: { A: "x", B: "y" } },
    });
    expect(book.forTaskType("it")?.name).toBe("it");
    expect(book.forTaskType("other")).toBeNull();
  });

  test.each([
    [
      minimal("timeout_seconds: soon"),
      'recipes.yaml: recipes.it.timeout_seconds: found "soon", expected number',
    ],
    [
      minimal("failure_type: oops"),
      'recipes.yaml: recipes.it.failure_type: found "oops", expected one of quality_gate, unknown',
    ],
    [
      minimal("colour: red"),
      "recipes.yaml: recipes.it.colour: found an unknown key, expected none of that name",
    ],
    [
      minimal("env: { pass: [OPENAI_API_KEY] }"),
      'recipes.yaml: recipes.it.env.pass.0: found "OPENAI_API_KEY", expected a variable that cannot hold a secret',
    ],
    [
      minimal("quality: { kind: findings, per_finding: 1, pattern: '(' }"),
      'recipes.yaml: recipes.it.quality.pattern: found "(", expected a regular expression',
    ],
    [
      "recipes: { it: { description: d, read_only: true, variants: [{ argv: [echo, 'x{prompt}'] }] } }",
      'recipes.yaml: recipes.it.variants.0.argv.1: found "x{prompt}", expected a placeholder ({repo}, {files}, {files|.}, {prompt}) as a whole argument, not as a part of one',
    ],
    [
      "recipes: { it: { description: d, read_only: true, variants: [{ argv: ['{prompt}'] }] } }",
      'recipes.yaml: recipes.it.variants.0.argv: found ["{prompt}"], expected a program first, not a placeholder',
    ],
    [
      "recipes: { it: { description: d, read_only: true, variants: [{ when: { file: 7 }, argv: [ls] }] } }",
      "recipes.yaml: recipes.it.variants.0.when.file: found 7, expected string",
    ],
    ["[]", "recipes.yaml: the file: found [], expected object"],
  ])("with a mistake is refused: %s", (yaml, problem) => {
    expect(problemsOf(yaml)).toEqual([problem]);
  });

  test("with several mistakes names all of them", () => {
    expect(problemsOf(minimal("timeout_seconds: soon, colour: red"))).toHaveLength(2);
    expect(problemsOf("recipes: [")[0]).toContain("recipes.yaml: found no readable YAML");
    expect(() => loadRecipes(join(folder, "absent.yaml"), { defaultTimeoutSeconds: 1 })).toThrow(
      /absent\.yaml/,
    );
  });
});

describe("a plan", () => {
  const when = (condition: string) =>
    `recipes: { it: { description: d, read_only: true, variants: [{ when: ${condition}, argv: [first, "{files}", "{repo}"] }, { when: { file: always }, argv: [second, "{files|.}", --, "{prompt}"] }] } }`;

  async function plan(condition: string, files: string[] = [], prompt = "p") {
    const recipe = load(when(condition)).get("it");
    if (recipe === null) throw new Error("no recipe");
    return planRecipe(recipe, {
      repo: { name: "r", path: join(folder, "repo") },
      prompt,
      files,
      searchPath: process.env.PATH ?? "",
    });
  }

  beforeAll(() => {
    mkdirSync(join(folder, "repo"));
    writeFileSync(join(folder, "repo", "always"), "some words");
    writeFileSync(join(folder, "repo", "package.json"), '{ "scripts": { "go": "x" } }');
  });

  test.each([
    ["{ file: always }", "first"],
    ["{ file: [absent, always] }", "first"],
    ["{ file: absent }", "second"],
    ["{ file_contains: { file: always, text: words } }", "first"],
    ["{ file_contains: { file: always, text: other } }", "second"],
    ["{ script: go }", "first"],
    ["{ script: stop }", "second"],
    ["{ command: ls }", "first"],
    ["{ command: no-such-program }", "second"],
    ["{ file: always, command: no-such-program }", "second"],
  ])("with %s takes the %s variant", async (condition, program) => {
    expect((await plan(condition))[0]).toBe(program);
  });

  test("puts each file, the folder and the prompt into arguments of their own", async () => {
    const files = ["a b.txt", "-rf", "$(x)"];
    expect(await plan("{}", files)).toEqual(["first", "a b.txt", "./-rf", "$(x)", join(folder, "repo")]);
    expect(await plan("{}")).toEqual(["first", join(folder, "repo")]);
    expect(await plan("{ file: absent }", [], "$(x) {files}")).toEqual(["second", ".", "--", "$(x) {files}"]);
  });

  test("needs a prompt where the recipe has a place for it", async () => {
    const refused = await plan("{}", [], "  ").catch((error: unknown) => problemOf(error));
    expect(refused).toMatchObject({
      status: 422,
      errors: [{ path: "prompt", message: "recipe 'it' needs a prompt" }],
    });
  });
});

describe("files of a task", () => {
  async function refusals(files: string[]) {
    return resolveFilesInside(join(folder, "inside"), files).then(
      () => [],
      (error: unknown) => problemOf(error)?.errors,
    );
  }

  beforeAll(() => {
    mkdirSync(join(folder, "inside", "dir"), { recursive: true });
    writeFileSync(join(folder, "inside", "dir", "..a"), "");
    writeFileSync(join(folder, "outside"), "");
    symlinkSync("..", join(folder, "inside", "up"));
    symlinkSync("dir", join(folder, "inside", "down"));
    symlinkSync("absent", join(folder, "inside", "dangling"));
    symlinkSync(join(folder, "inside"), join(folder, "alias"));
  });

  test("inside the repository are taken, through links and a linked repository too", async () => {
    const files = ["dir/..a", "./dir", "down/..a"];
    expect(await resolveFilesInside(join(folder, "alias"), files)).toEqual(["dir/..a", "dir", "down/..a"]);
  });

  test("outside it or absent are refused, each by its number", async () => {
    expect(await refusals(["dir", "up/outside", "../outside", "/etc/passwd", "dangling", "absent"])).toEqual([
      { path: "files.1", message: "'up/outside' leads outside the repository" },
      { path: "files.2", message: "'../outside' leads outside the repository" },
      { path: "files.3", message: "must be a path relative to the repository" },
      { path: "files.4", message: "'dangling' does not exist in the repository" },
      { path: "files.5", message: "'absent' does not exist in the repository" },
    ]);
  });
});
