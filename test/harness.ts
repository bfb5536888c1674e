import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestSchema } from "../lib/shape/manifest";
import type { TaskDetail, TaskPage } from "@/lib/shape/task";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = join(ROOT, "bin", "poolwise.cjs");

const RECIPES = `
recipes:
  say:
    description: Prints the prompt
    task_types: [saying]
    read_only: true
    variants: [{ argv: [echo, "{prompt}"] }]
  wait:
    description: Waits as many seconds as the prompt says, and may be repeated
    task_types: [waiting]
    read_only: true
    variants: [{ argv: [sleep, "{prompt}"] }]
  wait-once:
    description: Waits, and may not be repeated
    task_types: [waiting_once]
    read_only: false
    variants: [{ argv: [sleep, "{prompt}"] }]
  fail:
    description: Fails with exit code 3
    task_types: [failing]
    read_only: true
    variants: [{ argv: [sh, -c, "echo boom >&2; exit 3"] }]
  gate:
    description: A check that never passes
    task_types: [gating]
    read_only: true
    failure_type: quality_gate
    variants: [{ argv: ["false"] }]
  list:
    description: Prints the given files
    task_types: [listing]
    read_only: true
    variants: [{ argv: [cat, --, "{files}"] }]
`;

type Environment = Record<string, string | undefined>;

/** A data folder, a settings folder and a repository of their own for one test. */
export type Home = {
  folder: string;
  data: string;
  settings: string;
  repo: string;
  env: NodeJS.ProcessEnv;
  remove: () => void;
};

export function makeHome(local = ""): Home {
  const folder = mkdtempSync(join(tmpdir(), "poolwise-test-"));
  const [data, settings, repo] = ["data", "settings", "repo"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [settings, repo]) mkdirSync(each);
  copyFileSync(join(ROOT, "settings", "standard.yaml"), join(settings, "standard.yaml"));
  writeFileSync(join(settings, "recipes.yaml"), RECIPES);
  writeFileSync(join(settings, "local.yaml"), `repos:\n  work: { path: ${JSON.stringify(repo)} }\n${local}`);
  writeFileSync(join(repo, "a.txt"), "alpha\n");
  const env = {
    ...process.env,
    POOLWISE_DATA_DIR: data,
    POOLWISE_SETTINGS_DIR: settings,
    PORT: "0",
    HOST: "",
    POOLWISE_URL: "",
    LOG_LEVEL: "warn",
  };
  return {
    folder,
    data,
    settings,
    repo,
    env,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type Finished = { code: number | null; stdout: string; stderr: string };

/** Runs the command line as a process of its own. */
export async function poolwise(home: Home, args: string[], env: Environment = {}): Promise<Finished> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...home.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const finished: Finished = { code: null, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (finished.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (finished.stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { ...finished, code };
}

export type Server = {
  url: string;
  pid: number;
  child: ChildProcess;
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
};

/** Starts the real server on the home's data and waits until it says where it is. */
export async function startServer(home: Home, env: Environment = {}): Promise<Server> {
  const child = spawn(process.execPath, [PROGRAM, "start", "--json"], {
    env: { ...home.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ready = new Promise<{ url: string; pid: number }>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      const line = stdout.split("\n").find((text) => text.startsWith("{"));
      if (line) resolve(JSON.parse(line) as { url: string; pid: number });
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${stderr}`)));
  });
  const { url, pid } = await ready;
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return { url, pid, child, stop };
}

export async function post(
  server: Server,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
}

export async function submit(server: Server, task: Record<string, unknown>): Promise<string> {
  const response = await post(server, "/api/tasks", { repo: "work", ...task });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { task_id: string }).task_id;
}

export async function getTask(server: Server, id: string): Promise<TaskDetail> {
  return (await (await fetch(`${server.url}/api/tasks/${id}`)).json()) as TaskDetail;
}

export async function allTasks(server: Server): Promise<TaskPage["tasks"]> {
  return ((await (await fetch(`${server.url}/api/tasks?limit=500`)).json()) as TaskPage).tasks;
}

const DEADLINE_MS = 30_000;

/** Asks until the answer is there; fails with what it waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function ended(server: Server, id: string): Promise<TaskDetail> {
  return eventually(`the end of task ${id}`, async () => {
    const task = await getTask(server, id);
    return task.finished_at !== null && task;
  });
}

/** Rows of `executions` in the last published snapshot. */
export function publishedExecutions(home: Home): number {
  const manifest = manifestSchema.parse(
    JSON.parse(readFileSync(join(home.data, "snapshots", "manifest.json"), "utf8")),
  );
  return manifest.tables.executions?.rows ?? 0;
}

/** Whether a small disk that can be filled up is to be had here: as root, where mounting is allowed. */
export function canMountTmpfs(): boolean {
  if (process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "poolwise-mount-"));
  try {
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status !== 0) return false;
    return spawnSync("umount", [folder]).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
