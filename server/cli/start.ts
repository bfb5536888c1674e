import "server-only";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import type { Command } from "commander";
import { messageOf } from "@/lib/errors";
import { createLogger, type Logger } from "../log";
import { serve, type RunningServer } from "../serve";
import { loadSettings } from "../settings/load";
import { resolvePaths, type Paths } from "../settings/paths";
import { brokerPath } from "./connection";
import { keepServing } from "./leave";
import { portNumber } from "./task-options";
import { withChosenUmask } from "./umask";

type StartOptions = { port?: string; host?: string; dev?: boolean; json?: boolean };

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("start the server and print its URL; builds it first if needed")
    .option("--port <n>", "port; 0 takes a free one", portNumber)
    .option("--host <host>", "address to listen on")
    .option("--dev", "development: pages are compiled as they are asked for")
    .option("--json")
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  try {
    await startServer(options);
  } catch (error) {
    // What was opened until then may keep the process alive, with nobody to answer.
    const text = `poolwise: ${messageOf(error)}${isAddressInUse(error) ? ". Choose another with --port; 0 takes a free one" : ""}\n`;
    await new Promise<void>((resolve) => process.stderr.write(text, () => resolve()));
    process.exit(1);
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

async function startServer(options: StartOptions): Promise<void> {
  // The command line is the last word on these two, so it speaks through their own variables.
  // Their longer names would win otherwise, and an empty variable is as good as none.
  const { port, host } = options;
  if (port !== undefined) Object.assign(process.env, { PORT: port, POOLWISE_SERVER__PORT: "" });
  if (host !== undefined) Object.assign(process.env, { HOST: host, POOLWISE_SERVER__HOST: "" });
  const paths = resolvePaths();
  const loaded = loadSettings(paths);
  const logger = createLogger();
  await withChosenUmask(() => build(paths, options.dev ?? false));
  // The pages' framework reads it; whatever the shell says, what was asked for counts.
  quietStandardOutput();
  Object.assign(process.env, {
    NODE_ENV: options.dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  });
  const server = await serve({ paths, loaded, logger, brokerPath: brokerPath(), dev: options.dev ?? false });
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ url: server.url, pid: process.pid })}\n`
      : `Poolwise is ready at ${server.url}\n`,
  );
  keepServing();
  stopOnSignals(server, logger);
}

function stopOnSignals(server: RunningServer, logger: Logger): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) {
      logger.warn(
        { signal },
        "Asked to stop again: stopping without waiting; what runs is taken up at the next start",
      );
      process.exit(1);
    }
    stopping = true;
    logger.info({ signal }, "Stopping: running tasks get time to finish");
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error: messageOf(error) }, "Stopping failed");
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  process.on("unhandledRejection", (reason) => {
    logger.error(
      { error: messageOf(reason), stack: reason instanceof Error ? reason.stack : undefined },
      "Something failed that nobody waited for",
    );
  });
}

type BuildModule = { ensurePages: () => Promise<void>; ensureBrowserAssets: () => Promise<void> };

async function build(paths: Paths, dev: boolean): Promise<void> {
  const script = pathToFileURL(join(paths.root, "scripts", "build.mjs")).href;
  const module = (await import(script)) as BuildModule;
  await (dev ? module.ensureBrowserAssets() : module.ensurePages());
}

/** The pages' framework talks on standard output, which carries this command's result. */
function quietStandardOutput(): void {
  Object.assign(console, { log: (...words: unknown[]) => process.stderr.write(`${words.join(" ")}\n`) });
}
