import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadSettings, SettingsError, type LoadedSettings } from "@/server/settings/load";
import { viewSettings } from "@/server/settings/view";
import { ROOT } from "./harness";

let settingsDir: string;
beforeEach(() => {
  settingsDir = mkdtempSync(join(tmpdir(), "poolwise-settings-"));
  copyFileSync(join(ROOT, "settings", "standard.yaml"), join(settingsDir, "standard.yaml"));
});
afterEach(() => rmSync(settingsDir, { recursive: true, force: true }));

function load(local: string, env: Record<string, string> = {}): LoadedSettings {
  writeFileSync(join(settingsDir, "local.yaml"), local);
  // Next's types demand a NODE_ENV.
  return loadSettings({ settingsDir, root: ROOT }, { NODE_ENV: "test", ...env });
}

/** What is said about wrong settings; fails when nothing is. */
function problemsOf(local: string, env: Record<string, string> = {}): string {
  try {
    load(local, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join("\n");
    throw error;
  }
  throw new Error("these settings were accepted");
}

describe("keys that reach every object", () => {
  test.each([
    ["__proto__: { enabled: true }", {}, "local.yaml: __proto__: found a key"],
    ["learning: { __proto__: { polluted: true } }", {}, "local.yaml: learning.__proto__: found a key"],
    ["learning: &a { __proto__: { polluted: true } }\nauth: *a", {}, "local.yaml: learning.__proto__:"],
    [
      "",
      { POOLWISE_AUTH__TOKENS: "[{ __proto__: { polluted: true } }]" },
      "POOLWISE_AUTH__TOKENS: auth.tokens.0.__proto__: found a key",
    ],
  ])("%j is refused and changes no other object", (local, env, said) => {
    expect(problemsOf(local, env as Record<string, string>)).toContain(said);
    expect(Object.keys(Object.getPrototypeOf({}) as object)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, "enabled")).toBe(false);
  });

  test("names that objects inherit are unknown keys like any other", () => {
    expect(problemsOf("constructor: { name: x }\nlearning: { toString: 1 }")).toMatch(
      /learning\.toString: found an unknown key[^]*constructor: found an unknown key/,
    );
  });
});

describe("secrets", () => {
  test.each([
    ["providers: { a: { kind: ollama, base_url: 'http://x', api_key_env: SECRET-99 } }", "api_key_env"],
    ["providers: { a: { kind: ollama, base_url: 'ftp://me:SECRET-9/@9@host' } }", "base_url"],
    ["providers: { a: { kind: ollama, base_url: '//host/v1?key=SECRET-99' } }", "base_url"],
    ["providers: { a: SECRET-99 }", "providers.a"],
    ["providers: SECRET-99", "providers"],
    ["auth: { tokens: [{ name: me, role: admin, sha256: SECRET-99 }] }", "sha256"],
    ["auth: { tokens: [SECRET-99] }", "auth.tokens.0"],
    ["auth: { tokens: { me: SECRET-99 } }", "auth.tokens"],
    ["repos: { a: { path: 'https://me:SECRET-99@host/repo' } }", "repos.a.path"],
  ])("of %s the key is named and the value is not shown", (local, key) => {
    const said = problemsOf(local);
    expect(said).toContain(key);
    expect(said).not.toContain("SECRET");
    expect(said).toContain("••••");
  });

  test("what helps to find the mistake is still shown", () => {
    expect(problemsOf("providers: { a: { kind: openai, base_url: 'http://x' } }")).toContain(
      'providers.a.kind: found "openai", expected one of openai-compatible, ollama',
    );
  });

  test("the settings page shows neither digests nor credentials, and shows the rest", () => {
    const digest = "ab".repeat(32);
    const loaded = load(
      `providers: { my.box: { kind: ollama, base_url: 'http://me:pw@box/v1', api_key_env: BOX_KEY } }\nauth: { tokens: [{ name: me, role: admin, sha256: ${digest} }] }`,
    );
    const shown = new Map(viewSettings(loaded, settingsDir).map(({ key, value }) => [key, value]));
    expect(shown.get("providers.my.box.base_url")).toBe("http://••••@box/v1");
    expect(shown.get("providers.my.box.api_key_env")).toBe("BOX_KEY");
    expect(shown.get("auth.tokens")).toBe('[{"name":"me","role":"admin","sha256":"••••"}]');
  });
});

describe("rules", () => {
  test.each([
    "../learning.db",
    "/tmp/learning.db",
    "sub/learning.db",
    "..\\learning.db",
    "runtime.json",
    "snapshots",
    "logs",
    ".db",
    "a\0.db",
    "",
  ])("database_path %j is refused", (path) => {
    expect(problemsOf(`learning: { database_path: ${JSON.stringify(path)} }`)).toMatch(
      /local\.yaml: learning\.database_path: found .*, expected a plain file name that ends in \.db/,
    );
  });

  test("database_path may be another plain file name", () => {
    expect(load("learning: { database_path: my-history.db }").settings.learning.database_path).toBe(
      "my-history.db",
    );
  });

  test("thresholds in the wrong order name both keys", () => {
    const said = problemsOf("monitoring: { success_rate_critical: 0.9, database_size_critical_mb: 100 }");
    expect(said).toContain(
      "local.yaml: monitoring.success_rate_critical: found 0.9, expected at most monitoring.success_rate_warning (0.85)",
    );
    expect(said).toContain(
      "monitoring.database_size_critical_mb: found 100, expected at least monitoring.database_size_warning_mb (500)",
    );
  });

  test("a pool with more workers kept than allowed is refused, and pools.min_workers above the maximum", () => {
    expect(problemsOf("pools: { definitions: [{ name: a, min_workers: 5, max_workers: 2 }] }")).toContain(
      "local.yaml: pools.definitions.0.min_workers: found 5, expected at most the pool's max_workers",
    );
    expect(problemsOf("pools: { min_workers: 20 }")).toContain(
      "pools.min_workers: found 20, expected at most max_workers",
    );
  });

  test("a model that misses a provider's name by a letter is refused; another prefix is part of the model's name", () => {
    const providers = "providers: { openrouter: { kind: openai-compatible, base_url: 'http://x' } }\n";
    const models = (model: string) => `${providers}model_routing: { small_tier: { models: [${model}] } }`;
    for (const typo of ["openruter/x/y", "OpenRouter/x/y", "openroutes/x/y"])
      expect(problemsOf(models(typo))).toContain(
        `model_routing.small_tier.models.0: found "${typo}", expected a provider that is there, such as openrouter/x/y`,
      );
    for (const model of ["openrouter/x/y", "meta-llama/llama-3", "plain"])
      expect(load(models(model)).settings.model_routing.small_tier.models).toEqual([model]);
  });
});

describe("files that are no settings", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ...["b", "c", "d", "e", "f", "g", "h"].map(
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`,
    ),
  ].join("\n");
  test.each([
    [
      "learning: { retention_days: *nope }",
      /local\.yaml: learning\.retention_days: not valid YAML: .*alias.*nope/,
    ],
    [bomb, /local\.yaml: [a-h]\.\d: not valid YAML: Excessive alias count/],
    ["learning: &x { enabled: *x }", /local\.yaml: learning\.enabled.*refers to itself/],
    ["a: b: c", /local\.yaml: not valid YAML/],
    ["- 1", /local\.yaml: found \[1\], expected sections with keys/],
  ])("%# names the file and where it can the key", (local, said) => {
    expect(problemsOf(local)).toMatch(said);
  });

  test("aliases that are used as meant work", () => {
    const { settings } = load(
      "model_routing:\n  small_tier: { models: &m [a, b] }\n  large_tier: { models: *m }",
    );
    expect(settings.model_routing.large_tier.models).toEqual(["a", "b"]);
  });

  test("a folder named local.yaml is named", () => {
    mkdirSync(join(settingsDir, "local.yaml"));
    expect(() => loadSettings({ settingsDir, root: ROOT }, { NODE_ENV: "test" })).toThrow(
      /local\.yaml: found a folder, expected a file/,
    );
  });

  test("no local.yaml is fine, no standard.yaml is not", () => {
    expect(loadSettings({ settingsDir, root: ROOT }, { NODE_ENV: "test" }).settings.server.port).toBe(3000);
    rmSync(join(settingsDir, "standard.yaml"));
    expect(() => loadSettings({ settingsDir, root: ROOT }, { NODE_ENV: "test" })).toThrow(
      /standard\.yaml: found no such file/,
    );
  });
});

describe("the environment", () => {
  test("HOST and PORT are what they say, not YAML", () => {
    const { server } = load("", { HOST: "127.1", PORT: "4000" }).settings;
    expect([server.host, server.port]).toEqual(["127.1", 4000]);
    expect(problemsOf("", { PORT: "1e3" })).toContain('PORT: server.port: found "1e3", expected a number');
    expect(load("", { POOLWISE_SERVER__HOST: "127.1" }).settings.server.host).toBe("127.1");
    expect(load("", { PORT: "1", POOLWISE_SERVER__PORT: "2" }).settings.server.port).toBe(2);
  });

  test("other values mean what they look like, and an empty one is none", () => {
    const { settings } = load("", {
      POOLWISE_LEARNING__ENABLED: "false",
      POOLWISE_MODEL_ROUTING__SMALL_TIER__MODELS: "[a, b]",
      POOLWISE_LEARNING__RETENTION_DAYS: "",
    });
    expect(settings.learning).toMatchObject({ enabled: false, retention_days: 90 });
    expect(settings.model_routing.small_tier.models).toEqual(["a", "b"]);
  });

  test.each([
    { POOLWISE_LEARNING__RETENTION_DAYS: "5", POOLWISE_LEARNING__RETENTION_DAYS__X: "1" },
    {
      POOLWISE_MODEL_ROUTING__SMALL_TIER: "{ max_tokens: 5 }",
      POOLWISE_MODEL_ROUTING__SMALL_TIER__MAX_TOKENS: "5",
    },
  ])("two variables that exclude each other are both named: %j", (env) => {
    const said = problemsOf("", env);
    for (const variable of Object.keys(env)) expect(said).toContain(variable);
    expect(said).not.toContain("standard.yaml");
  });

  test("a variable that puts a map where a value belongs is blamed, not the file it replaces", () => {
    expect(problemsOf("", { POOLWISE_LEARNING__RETENTION_DAYS__X: "1" })).toMatch(
      /^POOLWISE_LEARNING__RETENTION_DAYS__X: learning\.retention_days: found \{"x":1\}, expected a number$/,
    );
  });

  test.each([
    ["POOLWISE_LEARNING_RETENTION_DAYS", "POOLWISE_LEARNING__RETENTION_DAYS"],
    ["POOLWISE_MODEL_ROUTING_SMALL_TIER_MAX_TOKENS", "POOLWISE_MODEL_ROUTING__SMALL_TIER__MAX_TOKENS"],
    ["POOLWISE_DATADIR", "POOLWISE_DATA_DIR"],
    ["POOLWISE_PORT", "POOLWISE_SERVER__PORT"],
    ["POOLWISE_NONSENSE", "POOLWISE_<SECTION>__<KEY> or one of POOLWISE_DATA_DIR"],
  ])("%s is refused with what was likely meant", (variable, meant) => {
    expect(problemsOf("", { [variable]: "1" })).toContain(
      `${variable}: found an unknown variable, expected ${meant}`,
    );
  });

  test("what Poolwise or Kubernetes set themselves is left alone", () => {
    const env = {
      POOLWISE_DATA_DIR: "/x",
      POOLWISE_SETTINGS_DIR: "/x",
      POOLWISE_URL: "http://x",
      POOLWISE_TOKEN: "t",
      POOLWISE_ATTEMPT: "a",
      POOLWISE_SERVICE_HOST: "10.0.0.1",
      POOLWISE_PORT: "tcp://10.0.0.1:3000",
      POOLWISE_PORT_3000_TCP_ADDR: "10.0.0.1",
    };
    expect(load("", env).settings.server.port).toBe(3000);
  });
});
