import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  canMountTmpfs,
  ended,
  makeHome,
  poolwise,
  publishedExecutions,
  startServer,
  submit,
  type Home,
} from "./harness";

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

test("a second server on the same data is refused with the first's pid and URL, and the first goes on", async () => {
  const first = await startServer(home);
  const second = await poolwise(home, ["start"]);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`process ${first.pid}, ${first.url}`);
  expect((await ended(first, await submit(first, { recipe: "say", prompt: "x" }))).status).toBe("succeeded");
  expect(statSync(join(home.data, "runtime.json")).mode & 0o777).toBe(0o600);
  await first.stop();
  expect(existsSync(join(home.data, "runtime.json"))).toBe(false);
}, 120_000);

test("SIGTERM lets a running task finish, records it, publishes it and leaves no write-ahead log", async () => {
  const server = await startServer(home);
  await submit(server, { recipe: "wait", prompt: "1" });
  expect(await server.stop("SIGTERM")).toBe(0);
  expect(existsSync(join(home.data, "learning.db.wal"))).toBe(false);
  expect(publishedExecutions(home)).toBe(1);
  const { stdout } = await poolwise(home, ["task", "list", "--json"]);
  expect((JSON.parse(stdout) as { tasks: { status: string }[] }).tasks).toMatchObject([
    { status: "succeeded" },
  ]);
}, 60_000);

test("all that is wrong with the settings is said at once: file, key, found, expected", async () => {
  writeFileSync(
    join(home.settings, "local.yaml"),
    "learning:\n  retention_days: soon\n  retentoin: 1\nrepos:\n  gone: { path: /no/such/folder }\n",
  );
  const { code, stderr } = await poolwise(home, ["start"], {
    POOLWISE_WORKERS__TIMEOUT_SECONDS: "-5",
    POOLWISE_NOPE__KEY: "1",
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/local\.yaml: learning\.retention_days: found "soon", expected a number/);
  expect(stderr).toMatch(
    /local\.yaml: learning\.retentoin: found an unknown key, expected one of enabled, database_path/,
  );
  expect(stderr).toMatch(
    /POOLWISE_WORKERS__TIMEOUT_SECONDS: workers\.timeout_seconds: found -5, expected at least 1/,
  );
  expect(stderr).toMatch(/POOLWISE_NOPE__KEY: nope: found an unknown key/);
  expect(existsSync(home.data)).toBe(false);
});

test("a repository that is not there is a settings problem", async () => {
  writeFileSync(join(home.settings, "local.yaml"), "repos:\n  gone: { path: /no/such/folder }\n");
  const { stderr } = await poolwise(home, ["start"]);
  expect(stderr).toMatch(
    /local\.yaml: repos\.gone\.path: found "\/no\/such\/folder", expected an existing directory/,
  );
});

test("a host others can reach is refused without a login, and asks for the token with one", async () => {
  const refused = await poolwise(home, ["start", "--host", "0.0.0.0"]);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/0\.0\.0\.0.*auth\.enabled is false/),
  ]);
  const digest = (token: string) => createHash("sha256").update(token).digest("hex");
  writeFileSync(
    join(home.settings, "local.yaml"),
    `auth:\n  enabled: true\n  tokens:\n    - { name: v, role: viewer, sha256: ${digest("look")} }\n    - { name: a, role: admin, sha256: ${digest("boss")} }\n`,
  );
  const server = await startServer(home, { HOST: "0.0.0.0" });
  const url = server.url.replace("0.0.0.0", "127.0.0.1");
  const status = async (path: string, token: string, method = "GET") =>
    (
      await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(method === "POST" && { body: '{"name":"p"}' }),
      })
    ).status;
  expect((await fetch(`${url}/`)).status).toBe(401);
  expect((await fetch(`${url}/api/health/live`)).status).toBe(200);
  expect([
    await status("/api/pools", "wrong"),
    await status("/api/pools", "look"),
    await status("/api/pools", "look", "POST"),
    await status("/api/pools", "boss", "POST"),
  ]).toEqual([401, 200, 403, 201]);
  for (const disguised of ["/api/%70ools", "/api/x/../pools"]) {
    expect(await rawStatus(url, disguised, "look"), disguised).toBe(403);
  }
  const basic = await fetch(`${url}/api/pools`, {
    headers: { authorization: `Basic ${Buffer.from("me:look").toString("base64")}` },
  });
  expect(basic.status).toBe(200);
  await server.stop();
}, 60_000);

/** fetch would tidy the path up before it is sent. */
function rawStatus(url: string, path: string, token: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = request({ hostname, port, path, method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end('{"name":"disguised"}');
  });
}

test("a start that fails half way ends, and keeps nothing from the next one", async () => {
  mkdirSync(join(home.data, "runtime.json"), { recursive: true });
  const failed = await poolwise(home, ["start"]);
  expect(failed.code).toBe(1);
  rmSync(join(home.data, "runtime.json"), { recursive: true });
  const server = await startServer(home);
  expect(await server.stop()).toBe(0);
}, 60_000);

test("a damaged database stops the start with what to do, and is left as it was", async () => {
  mkdirSync(home.data);
  const file = join(home.data, "learning.db");
  const bytes = Buffer.from("no database at all ".repeat(500));
  writeFileSync(file, bytes);
  const { code, stderr } = await poolwise(home, ["start"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/learning\.db cannot be opened.*left as it is.*backup/);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect((await poolwise(home, ["doctor"])).stdout).toMatch(/PROBLEM\s+database\s+.*cannot be opened/);
});

test.runIf(canMountTmpfs())(
  "a full disk stops the start with what to do (skipped where no tmpfs can be mounted)",
  async () => {
    mkdirSync(home.data);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", home.data]);
    try {
      spawnSync("dd", ["if=/dev/zero", `of=${join(home.data, "filler")}`, "bs=1k", "count=4096"]);
      const { code, stderr } = await poolwise(home, ["start"]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/[Nn]o space left|disk .* is full/);
    } finally {
      execFileSync("umount", [home.data]);
    }
  },
);
