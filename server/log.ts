import "server-only";
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

const LEVELS = [...Object.keys(pino.levels.values), "silent"];
/** Bytes kept while nobody takes them; more are dropped, so that a log nobody reads cannot fill the memory. */
const BUFFER_MAX = 16 * 1024 * 1024;

/** JSON lines on stderr, or readable lines when stderr is a terminal. `LOG_LEVEL` sets the level. */
export function createLogger(env: NodeJS.ProcessEnv = process.env, fallback = "info"): Logger {
  const asked = env.LOG_LEVEL?.toLowerCase() || fallback;
  const known = LEVELS.includes(asked);
  const logger = loggerAt(known ? asked : fallback);
  if (!known) {
    const text = `poolwise: LOG_LEVEL: found ${JSON.stringify(env.LOG_LEVEL)}, expected one of ${LEVELS.join(", ")}; ${fallback} is used`;
    process.stderr.write(`${text}\n`);
  }
  return logger;
}

function loggerAt(level: string): Logger {
  const options = { level, base: null };
  if (process.stderr.isTTY) {
    return pino(
      options,
      pretty({ destination: 2, sync: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname" }),
    );
  }
  const destination = pino.destination({ dest: 2, sync: false, maxLength: BUFFER_MAX });
  // A log that cannot be written, say on a full disk, must not stop what it is about.
  destination.on("error", () => undefined);
  return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
