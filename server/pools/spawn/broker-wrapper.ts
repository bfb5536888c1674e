import { constants } from "node:os";

/**
 * The program runs as `"$@"`, as whole arguments, under a shell that does two things Node cannot: it reports
 * the CPU time of the tree it waited for, and it kills its process group when descriptor 3, whose other end
 * only the broker holds, reaches its end because the broker is gone.
 *
 * Descriptor 2 of the shell is the report and never the program's output: the watchdog's process id, what the
 * shell says of a program that a signal ended, and two lines of `times`. The subshell keeps the redirection off
 * the shell itself. SIGTERM is caught, not ignored, so that the program still gets the default.
 */
export const WRAPPER = `
( trap '' TERM INT HUP; read -r x <&3; kill -KILL 0 ) </dev/null >/dev/null 2>&1 &
echo "$!" >&2
trap : TERM
( exec "$@" 2>&1 3>&- )
rc=$?
times >&2
exit "$rc"
`;

type WrapperReport = { watchdog: number | null; cpuSeconds: number | null; shellSaid: string };

const TIMES_LINE = /^(\d+)m([\d.,]+)s (\d+)m([\d.,]+)s$/;

/** May be called on a part of the report, while it is still being written. */
export function parseReport(text: string): WrapperReport {
  const [first = "", ...rest] = text.split("\n").map((line) => line.trim());
  const times = rest.map((line) => TIMES_LINE.exec(line)).filter((match) => match !== null);
  const children = times[1];
  return {
    watchdog: /^\d+$/.test(first) ? Number(first) : null,
    cpuSeconds:
      children === undefined ? null : clock(children[1], children[2]) + clock(children[3], children[4]),
    shellSaid: rest.filter((line) => line !== "" && !TIMES_LINE.test(line)).join(" "),
  };
}

function clock(minutes = "0", seconds = "0"): number {
  return Number(minutes) * 60 + Number(seconds.replace(",", "."));
}

const SIGNAL_BASE = 128;
/** Shells say nothing of these, so the exit code alone has to do. */
const SILENT_SIGNALS = ["SIGINT", "SIGPIPE", "SIGTERM"];

/** Tells a program that exited with, say, 129 from one that signal 1 ended: a shell reports both the same way. */
export function endOf(code: number | null, signal: string | null, shellSaid: string) {
  if (code === null) return { exitCode: null, signal: signal ?? "SIGKILL" };
  const named = Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE)?.[0];
  if (named === undefined || (shellSaid === "" && !SILENT_SIGNALS.includes(named))) {
    return { exitCode: code, signal: null };
  }
  return { exitCode: null, signal: named };
}
