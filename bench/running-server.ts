import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { applicationRoot } from "@/server/settings/paths";

const announcementSchema = z.object({ url: z.string(), pid: z.number() });
// The first start may have to build the pages.
const START_MS = 300_000;

export type RunningServer = { url: string; stop: () => Promise<void> };

/** Starts the real server on a data folder of its own, with the standard settings and one repository, `bench`. */
export async function startServer(folder: string, repo: string): Promise<RunningServer> {
  const root = applicationRoot();
  const settings = join(folder, "settings");
  cpSync(join(root, "settings"), settings, {
    recursive: true,
    filter: (path) => basename(path) !== "local.yaml",
  });
  writeFileSync(
    join(settings, "local.yaml"),
    `repos:\n  bench:\n    path: ${JSON.stringify(repo)}\n    description: Files to measure with\n    tags: []\n`,
  );
  const child = spawn(process.execPath, [join(root, "bin", "poolwise.cjs"), "start", "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...withoutOwnSettings(process.env),
      NODE_ENV: "production",
      POOLWISE_DATA_DIR: join(folder, "data"),
      POOLWISE_SETTINGS_DIR: settings,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_LEVEL: "warn",
    },
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    return { url: await announced(child, gone), stop: () => stop(child, gone) };
  } catch (error) {
    await stop(child, gone);
    throw error;
  }
}

function withoutOwnSettings(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("POOLWISE_")));
}

async function announced(child: ChildProcess, gone: Promise<void>): Promise<string> {
  if (!child.stdout) throw new Error("The server's output is not readable.");
  const lines = createInterface({ input: child.stdout });
  const first = new Promise<string>((resolve) => lines.once("line", resolve));
  const late = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`The server was not ready after ${START_MS / 1_000} s.`)),
      START_MS,
    ).unref();
  });
  const ended = gone.then(() => Promise.reject(new Error("The server ended before it was ready.")));
  return announcementSchema.parse(JSON.parse(await Promise.race([first, late, ended]))).url;
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  await gone;
}
